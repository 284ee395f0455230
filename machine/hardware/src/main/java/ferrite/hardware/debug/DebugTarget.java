package ferrite.hardware.debug;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.Monitor;

/** A machine that a debugger may control. All methods are called on the thread that holds the machine's turn. */
public interface DebugTarget {

    Machine machine();

    /** Returns the commands that the debugger may run. */
    Monitor monitor();

    SymbolSource symbols();

    HartDescriber harts();

    /** Returns the tasks of the machine's kernel. A machine that can have none returns {@link TaskLister#NONE}. */
    default TaskLister tasks() {
        return TaskLister.NONE;
    }

    /**
     * Returns the machine to power-on, at once, and halts it. The machine stands still.
     *
     * @return null, or a sentence that says why this cannot be done
     */
    String restart();
}
