"""Pure rules of outreach: which days are told of, and in which words."""
