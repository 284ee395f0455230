package ferrite.kernel.shell;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.Monitor;
import ferrite.kernel.Kernel;
import java.util.List;

/** What all commands of a shell share. */
record ShellParts(Kernel kernel, Machine machine, Monitor monitor, CommandWatcher watcher, List<Command> commands) { }
