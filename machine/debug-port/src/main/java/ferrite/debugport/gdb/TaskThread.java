package ferrite.debugport.gdb;

import ferrite.hardware.debug.TaskLister;
import ferrite.hardware.hart.Hart;
import java.util.List;

/**
 * A task of the kernel as a thread, for looking. Its memory is seen through the hart that it is on, or the first one.
 *
 * @param harts the threads of the harts
 */
record TaskThread(TaskLister.Task task, List<HartThread> harts) implements GdbThread {

    private static final int SP = 2;
    private static final int TP = 4;
    private static final String UNKNOWN = "x".repeat(8);

    @Override
    public int process() {
        return GdbThreads.TASKS;
    }

    @Override
    public int number() {
        return task.pid();
    }

    @Override
    public String name() {
        return task.name();
    }

    @Override
    public String description() {
        return task.state();
    }

    private HartThread seenThrough() {
        return harts.get(Math.max(0, task.hart()));
    }

    @Override
    public Hart hart() {
        return seenThrough().hart();
    }

    /** Returns a register of the task's hart. Of a task without a hart only its place in the Java code is known. */
    @Override
    public String register(int number) throws PacketException {
        if (task.hart() >= 0) {
            return seenThrough().register(number);
        }
        return switch (number) {
            case GdbRegisters.PC -> Packets.word(task.pc());
            case GdbRegisters.RA -> Packets.word(task.returnAddress());
            case TP -> Packets.word(task.tp());
            case SP -> Packets.word(task.sp());
            case 0 -> Packets.word(0);
            default -> {
                if (!GdbRegisters.exists(hart(), number)) {
                    throw GdbRegisters.noSuch(number);
                }
                yield UNKNOWN;
            }
        };
    }

    @Override
    public void setRegister(int number, int value) throws PacketException {
        throw new PacketException("task " + task.pid() + " can only be looked at; a hart's registers can be set");
    }
}
