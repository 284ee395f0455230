package ferrite.kernel.symbols;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Strand;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.driver.CallsOnStack;
import ferrite.kernel.driver.Exports;
import ferrite.kernel.log.JavaStack;
import java.util.List;

/**
 * The frames of a hart that runs Java code, as addresses in the gate. The inner one is the kernel's call that the hart
 * is in. The outer one is the callback that runs: an interrupt handler, the operations of a driver, or the entry of the
 * hart's task. Only looks.
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
                && machine.turn().strandOn(hart.id()) != null;
    }

    /** Returns the address of the call that the hart is in; outside of all calls the hart's pc. */
    public int call(Hart hart) {
        List<Exports.Export> calls = CallsOnStack.of(frames(hart));
        return calls.isEmpty() ? hart.pc() : (int) calls.get(0).address();
    }

    private List<JavaStack.Frame> frames(Hart hart) {
        Strand strand = machine.turn().strandOn(hart.id());
        return strand == null ? List.of() : JavaStack.of(strand);
    }

    /** Returns the text address of the innermost frame whose object is itself a callback, or 0. */
    private long operations(Kernel kernel, Hart hart) {
        return frames(hart).stream().mapToLong(frame -> kernel.base().text().ofClass(frame.type()))
                .filter(address -> address != 0).findFirst().orElse(0);
    }

    /** Returns the address in the callback to which the call returns; that of the kernel's start if there is none. */
    public int callback(Kernel kernel, Hart hart) {
        long address = Gate.ENTRY;
        try {
            ReadableMemory view = machine.peek(hart.id());
            long record = kernel.tasks().scheduler().record(hart.id());
            long operations = operations(kernel, hart);
            long entry = PerCpuLayout.CURRENT_IRQ.get(view, record) != 0
                    ? PerCpuLayout.CURRENT_HANDLER.get(view, record)
                    : operations != 0 || hart.tp() == 0 ? operations : TaskLayout.ENTRY.get(view, hart.tp());
            address = entry == 0 ? address : entry;
        } catch (BusFault damaged) {
            address = Gate.ENTRY;
        }
        return (int) address + INSTRUCTION_BYTES;
    }
}
