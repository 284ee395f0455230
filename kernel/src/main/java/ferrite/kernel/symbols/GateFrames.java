package ferrite.kernel.symbols;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.debug.TaskLister;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Strand;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.ThreadLayout;
import ferrite.kernel.driver.CallsOnStack;
import ferrite.kernel.driver.Exports;
import ferrite.kernel.log.JavaStack;
import java.util.List;

/**
 * The frames of Java code on a hart, or of a task that waits, as addresses in the gate. The inner one is the kernel's
 * call that the code is in. The outer one is the callback that runs: an interrupt handler, the operations of a driver,
 * or the entry of the task. Only looks.
 */
public final class GateFrames {

    /** A return address lies past the calling instruction, here a compressed one, and inside the callback's 4 bytes. */
    private static final int INSTRUCTION_BYTES = 2;

    private final Machine machine;

    public GateFrames(Machine machine) {
        this.machine = machine;
    }

    /** Tells whether Java code runs on a hart. */
    public boolean isInJava(Kernel kernel, Hart hart) {
        return kernel.isUp() && (hart.pc() == Gate.JAVA || hart.pc() == Gate.TRAP_VECTOR)
                && machine.turn().strands().on(hart.id()) != null;
    }

    /** Returns the address of the call that the hart is in; outside of all calls the hart's pc. */
    public int call(Hart hart) {
        List<Exports.Export> calls = CallsOnStack.of(frames(machine.turn().strands().on(hart.id())));
        return calls.isEmpty() ? hart.pc() : (int) calls.get(0).address();
    }

    private static List<JavaStack.Frame> frames(Strand strand) {
        return strand == null ? List.of() : JavaStack.of(strand);
    }

    /** Returns the text address of the innermost frame whose object is itself a callback, or 0. */
    private static long operations(Kernel kernel, List<JavaStack.Frame> frames) {
        return frames.stream().mapToLong(frame -> kernel.base().text().ofClass(frame.type()))
                .filter(address -> address != 0).findFirst().orElse(0);
    }

    /** Returns the address in the callback to which the call returns; that of the kernel's start if there is none. */
    public int callback(Kernel kernel, Hart hart) {
        long address = 0;
        try {
            ReadableMemory view = machine.peek(hart.id());
            long record = kernel.tasks().scheduler().record(hart.id());
            List<JavaStack.Frame> frames = frames(machine.turn().strands().on(hart.id()));
            address = PerCpuLayout.CURRENT_IRQ.get(view, record) != 0
                    ? PerCpuLayout.CURRENT_HANDLER.get(view, record)
                    : callback(kernel, view, frames, hart.currentTask());
        } catch (BusFault damaged) {
            address = 0;
        }
        return returnInto(address);
    }

    private static long callback(Kernel kernel, ReadableMemory view, List<JavaStack.Frame> frames, long task) {
        long operations = operations(kernel, frames);
        return operations != 0 || task == 0 ? operations : TaskLayout.ENTRY.get(view, task);
    }

    private static int returnInto(long callback) {
        return (int) (callback == 0 ? Gate.ENTRY : callback) + INSTRUCTION_BYTES;
    }

    /**
     * Describes a task for a debugger. One that waits is in the call where it waits, or about to enter its callback.
     *
     * @throws BusFault if the task's record is no memory
     */
    public TaskLister.Task task(Kernel kernel, ReadableMemory view, long task) {
        Hart on = machine.harts().stream().filter(hart -> hart.currentTask() == task).findFirst().orElse(null);
        List<JavaStack.Frame> frames = frames(kernel.tasks().scheduler().strandOf(task));
        List<Exports.Export> calls = CallsOnStack.of(frames);
        long callback = callback(kernel, view, frames, task);
        int pc = (int) (calls.isEmpty() ? callback : calls.get(0).address());
        return new TaskLister.Task(TaskLayout.PID.get(view, task), TaskLayout.COMM.get(view, task),
                TaskLayout.stateLetter(TaskLayout.STATE.get(view, task)) + (on == null ? "" : ", on hart " + on.id())
                        + (calls.isEmpty() ? "" : ", in " + calls.get(0).name()),
                on == null ? -1 : on.id(), pc, returnInto(calls.isEmpty() ? 0 : callback), (int) task,
                (int) ThreadLayout.SP.get(view, TaskLayout.THREAD.at(task)));
    }
}
