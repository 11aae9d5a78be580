-- wrk's script: each request is a new order with an Idempotency-Key of its own.
-- Arguments: run, API key, members, present in epoch seconds, seed. Orders as in orders.py.

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("lane", threads)
end

function init(args)
  run = args[1]
  members = tonumber(args[3])
  present = tonumber(args[4])
  math.randomseed(tonumber(args[5]) * 100 + lane)
  number = 0
  headers = {
    ["Authorization"] = "Bearer " .. args[2],
    ["Content-Type"] = "application/json",
  }
end

local function line()
  local product = math.random(0, 499)
  local category = string.sub("ABCD", product % 4 + 1, product % 4 + 1)
  return string.format(
    '{"product":"sku-%03d","quantity":%d,"amount_minor":%d,"category":"%s"}',
    product, math.random(1, 3), math.random(100, 24999), category)
end

function request()
  number = number + 1
  local name = string.format("%s-%d-%d", run, lane, number)
  headers["Idempotency-Key"] = name
  local occurred_at = os.date("!%Y-%m-%dT%H:%M:%SZ", present - math.random(0, 300 * 86400))
  local body = string.format(
    '{"kind":"purchase","reference":"%s","occurred_at":"%s","store":"main",' ..
    '"member":{"kind":"external","value":"m%06d"},"lines":[%s,%s,%s]}',
    name, occurred_at, math.random(0, members - 1), line(), line(), line())
  return wrk.format("POST", nil, headers, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'jifen {"completed":%d,"microseconds":%d,"refused":%d,"broken":%d,' ..
    '"p50_microseconds":%d,"p99_microseconds":%d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
