package ferrite.kernel;

import ferrite.hardware.Machine;
import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.PeekMemory;
import ferrite.kernel.base.TaskLayout;

/** The event of a fault: the current task of the hart took a synchronous trap. */
final class FaultEvent {

    private FaultEvent() { }

    /** Tells the event to front ends that listen. Only looks. */
    static void tell(Machine machine, int cause, int tval, int sepc) {
        machine.events().tell(MachineEvents.FAULT, () -> describe(machine, cause, tval, sepc));
    }

    private static Report describe(Machine machine, int cause, int tval, int sepc) {
        Hart hart = machine.turn().hart();
        PeekMemory peek = machine.peek(hart.id());
        return Report.of("fault").text("cause", Trap.name(cause)).address("tval", tval & 0xffff_ffffL)
                .address("pc", sepc & 0xffff_ffffL).number("pid", TaskLayout.PID.get(peek, hart.currentTask()))
                .text("task", TaskLayout.COMM.get(peek, hart.currentTask()));
    }
}
