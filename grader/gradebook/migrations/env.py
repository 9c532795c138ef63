"""Runs migrations on the connection that `grader.gradebook.opening` gives, inside of its transaction."""

from alembic import context

from grader.gradebook.tables import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
context.run_migrations()
