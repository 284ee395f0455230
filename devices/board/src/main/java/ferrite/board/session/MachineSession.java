package ferrite.board.session;

import ferrite.debugport.MachinePrompt;
import ferrite.hardware.Machine;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.monitor.Monitor;
import java.io.IOException;

/** One run of a machine from power-on to power-off. The thread that calls {@link #run} controls the machine. */
public interface MachineSession extends AutoCloseable {

    Machine machine();

    Monitor monitor();

    /** Returns the machine as a debugger sees it. */
    DebugTarget debugTarget();

    /** Returns the prompt for clients of the debug port; null if the machine has no shell. */
    MachinePrompt prompt();

    /** Runs to the end. To be called once. Returns the exit status of the command. */
    int run() throws IOException;

    @Override
    void close() throws IOException;
}
