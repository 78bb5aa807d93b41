"""What every request and answer goes through: security headers, limits, bodies, the request log, errors told
to machines.
"""
