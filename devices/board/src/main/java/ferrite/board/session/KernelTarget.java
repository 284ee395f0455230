package ferrite.board.session;

import ferrite.board.wiring.Board;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.debug.HartDescriber;
import ferrite.hardware.debug.SymbolSource;
import ferrite.hardware.debug.TaskLister;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.driver.CallsOnStack;
import ferrite.kernel.symbols.GateFrames;
import ferrite.kernel.symbols.KernelSymbols;
import java.util.ArrayList;
import java.util.List;

/** The mini-kernel's machine, for a debugger. */
final class KernelTarget implements DebugTarget {

    /** The symbols of the kernel that runs. Before it is up there are none. */
    private final class Symbols implements SymbolSource {

        @Override
        public String name() {
            return board.kernel().isUp() ? "kernel.elf" : "";
        }

        @Override
        public byte[] file() {
            return KernelSymbols.elf(board.kernel(), machine().peek(0));
        }

        @Override
        public long loadedAt(long va) {
            return -1;
        }
    }

    /** The harts: their tasks, and the calls and callbacks that Java code is in. */
    private final class Harts implements HartDescriber {

        @Override
        public String describe(int hart) {
            return KernelTarget.this.describe(hart);
        }

        @Override
        public int shownPc(Hart hart) {
            return frames.isInJava(board.kernel(), hart) ? frames.call(hart) : hart.pc();
        }

        @Override
        public int shownReturnAddress(Hart hart) {
            return frames.isInJava(board.kernel(), hart) ? frames.callback(board.kernel(), hart) : hart.register(1);
        }
    }

    private final Board board;
    private final SymbolSource symbols = new Symbols();
    private final HartDescriber harts = new Harts();
    private final GateFrames frames;

    KernelTarget(Board board) {
        this.board = board;
        this.frames = new GateFrames(board.machine());
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
        return harts;
    }

    @Override
    public TaskLister tasks() {
        return this::listTasks;
    }

    /** Lists the tasks but the idle ones, which have no number. A list that is damaged ends where the damage is. */
    private List<TaskLister.Task> listTasks() {
        List<TaskLister.Task> tasks = new ArrayList<>();
        ReadableMemory memory = machine().peek(0);
        try {
            for (long task : board.kernel().isUp() ? board.kernel().tasks().tasks().all(memory) : List.<Long>of()) {
                if (TaskLayout.PID.get(memory, task) > 0) {
                    tasks.add(frames.task(board.kernel(), memory, task));
                }
            }
        } catch (BusFault damaged) {
            // the tasks before the damage are shown
        }
        return tasks;
    }

    /** Describes the current task of a hart, which is in tp. */
    private String describe(int hart) {
        long task = machine().harts().get(hart).currentTask();
        if (!board.kernel().isUp() || task == 0) {
            return "";
        }
        try {
            ReadableMemory memory = machine().peek(hart);
            String call = CallsOnStack.innermost(machine().turn().strands().on(hart));
            return "task " + TaskLayout.PID.get(memory, task) + " '" + TaskLayout.COMM.get(memory, task) + "'"
                    + (call == null ? "" : " in " + call);
        } catch (BusFault noTask) {
            return "";
        }
    }

    @Override
    public String restart() {
        return "a machine with the mini-kernel cannot be restarted; end it, and start 'ferrite run' again";
    }
}
