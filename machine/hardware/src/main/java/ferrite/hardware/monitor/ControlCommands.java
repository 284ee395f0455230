package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.RunControl;
import java.util.List;

/** The monitor's commands that halt the machine and let it run on. */
final class ControlCommands {

    private ControlCommands() { }

    static List<MonitorCommand> all(Machine machine) {
        RunControl control = machine.control();
        return List.of(
                new ActionCommand("halt", "halt", "halt the machine before its next access", List.of("halt"),
                        arguments -> line("halt", halt(control))).with(Effect.STEERS),
                new ActionCommand("info halt", "info halt", "tell whether the machine stands still, and why",
                        List.of("info halt"), arguments -> line("info halt", why(control))),
                new ActionCommand("continue", "continue", "let a halted machine run on", List.of("continue"),
                        arguments -> line("continue", resume(control))).with(Effect.STEERS),
                new ActionCommand("step", "step [HART]",
                        "let one hart of a halted machine execute one instruction, alone", List.of("step", "step 1"),
                        arguments -> line("step", step(machine, arguments))).with(Effect.STEERS));
    }

    private static Report line(String name, String text) {
        return Report.ofText(name, text + "\n");
    }

    private static String halt(RunControl control) throws MonitorException {
        requireDebugger(control);
        control.halt();
        return "halted";
    }

    private static String why(RunControl control) {
        return control.isHalted() ? "halted: " + control.lastHalt().inWords() : "running";
    }

    private static String resume(RunControl control) throws MonitorException {
        requireNoOther(control);
        control.resume();
        return "running";
    }

    private static String step(Machine machine, String arguments) throws MonitorException {
        RunControl control = machine.control();
        requireDebugger(control);
        requireNoOther(control);
        if (!control.isHalted()) {
            throw new MonitorException("the machine is running; 'halt' comes first");
        }
        int id = arguments.isEmpty() ? control.lastHalt().hart() : number(arguments);
        if (id < 0 || id >= machine.harts().size()) {
            throw new MonitorException("there is no hart '" + arguments + "': this machine has harts 0 to "
                    + (machine.harts().size() - 1));
        }
        Hart hart = machine.harts().get(id);
        String at = Hex.address(hart.pc() & 0xffff_ffffL);
        control.resume(1 << id, hart);
        return "hart " + id + " executes the instruction at " + at;
    }

    private static int number(String typed) {
        return typed.matches("[0-9]") ? Integer.parseInt(typed) : -1;
    }

    /** Refuses what would halt the machine, if nobody could let it run on. */
    static void requireDebugger(RunControl control) throws MonitorException {
        if (!control.isDebuggerExpected()) {
            throw new MonitorException(
                    "a halted machine needs a debug port at which 'continue' can be typed; start it with --debug");
        }
    }

    /** Refuses to resume while a debugger is attached, which would not know of it. */
    private static void requireNoOther(RunControl control) throws MonitorException {
        if (control.isDebugged()) {
            throw new MonitorException("a debugger is attached, and would not know that the machine runs; "
                    + "continue there, or detach it");
        }
    }
}
