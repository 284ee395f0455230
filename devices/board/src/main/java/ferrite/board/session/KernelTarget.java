package ferrite.board.session;

import ferrite.hardware.Machine;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.debug.HartDescriber;
import ferrite.hardware.debug.SymbolSource;
import ferrite.hardware.monitor.Monitor;

/** The mini-kernel's machine, for a debugger. */
final class KernelTarget implements DebugTarget {

    private final MachineSession session;
    private final Runnable kill;

    KernelTarget(MachineSession session, Runnable kill) {
        this.session = session;
        this.kill = kill;
    }

    @Override
    public Machine machine() {
        return session.machine();
    }

    @Override
    public Monitor monitor() {
        return session.monitor();
    }

    @Override
    public SymbolSource symbols() {
        return SymbolSource.NONE;
    }

    @Override
    public HartDescriber harts() {
        return hart -> "";
    }

    @Override
    public String restart() {
        return "a machine with the mini-kernel cannot be restarted; end it, and start 'ferrite run' again";
    }

    @Override
    public void kill() {
        kill.run();
    }
}
