"""What every room uses: database, clock, actor, audit log, encryption, storage, queues and plain values."""
