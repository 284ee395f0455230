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
 * is in. The outer one is the callback that runs: an interrupt handler, or the entry of the hart's task. Only looks.
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
        return kernel.isUp() && hart.pc() == Gate.JAVA;
    }

    /** Returns the address of the call that the hart is in; {@link Gate#JAVA} outside of all calls. */
    public int call(Hart hart) {
        Strand strand = machine.turn().strandOn(hart.id());
        List<Exports.Export> calls = strand == null ? List.of() : CallsOnStack.of(JavaStack.of(strand));
        return calls.isEmpty() ? Gate.JAVA : (int) calls.get(0).address();
    }

    /** Returns the address in the callback to which the call returns; that of the kernel's start if there is none. */
    public int callback(Kernel kernel, Hart hart) {
        long address = Gate.ENTRY;
        try {
            ReadableMemory view = machine.peek(hart.id());
            long record = kernel.tasks().scheduler().record(hart.id());
            long entry = PerCpuLayout.CURRENT_IRQ.get(view, record) != 0
                    ? PerCpuLayout.CURRENT_HANDLER.get(view, record)
                    : hart.tp() == 0 ? 0 : TaskLayout.ENTRY.get(view, hart.tp());
            address = entry == 0 ? address : entry;
        } catch (BusFault damaged) {
            address = Gate.ENTRY;
        }
        return (int) address + INSTRUCTION_BYTES;
    }
}
