"""The door for the queue: broker set-up, middleware, one actor per lane, the sweeper and the commands."""
