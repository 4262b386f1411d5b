"""Real execution: tools that answer for themselves, as Python functions or on MCP servers.

The person who starts a run names what is executed, in the settings, and says ``--execute``; nothing else does. Tool
definitions and models choose none of it: a call reaches the function or the server's tool that stands in the settings
for its name, with arguments that fit the tool's schema, as data.

Works with every cast, since it takes the place of the tool speaker alone (`toolflow.execute.tool`). A real tool keeps
no promise of selfplay's: the same seed gives the same bytes only as far as it answers the same.
"""

from toolflow.execute.execution import Execution
from toolflow.execute.tool import ExecutingCastMaker

__all__ = ["ExecutingCastMaker", "Execution"]
