package ferrite.board.session;

import ferrite.board.wiring.BareBoard;
import ferrite.hardware.Machine;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.debug.HartDescriber;
import ferrite.hardware.debug.SymbolSource;
import ferrite.hardware.monitor.Monitor;

/** A bare program's machine, for a debugger. */
final class BareTarget implements DebugTarget {

    private final BareBoard board;
    private final SymbolSource symbols;

    BareTarget(BareBoard board, SymbolSource symbols) {
        this.board = board;
        this.symbols = symbols;
    }

    @Override
    public Machine machine() {
        return board.machine();
    }

    @Override
    public Monitor monitor() {
        return board.monitor();
    }

    @Override
    public SymbolSource symbols() {
        return symbols;
    }

    @Override
    public HartDescriber harts() {
        return hart -> "";
    }

    @Override
    public String restart() {
        if (!machine().control().isStanding()) {
            return "the machine is running; halt it first";
        }
        board.reset();
        machine().control().returned(0);
        return null;
    }
}
