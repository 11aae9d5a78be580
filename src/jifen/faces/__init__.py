"""The faces: HTTP, jobs and the command line.

A face parses, authorises, makes one domain call and translates the answer; it decides nothing.
"""
