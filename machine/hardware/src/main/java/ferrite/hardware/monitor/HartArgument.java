package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.Hart;
import java.util.List;

/** The argument of a command that chooses a hart. */
final class HartArgument {

    private HartArgument() { }

    /** Returns the typed hart, or all harts if nothing is typed. */
    static List<Hart> all(Machine machine, String typed) throws MonitorException {
        return typed.isEmpty() ? machine.harts() : List.of(one(machine, typed));
    }

    /** Returns the typed hart, or hart 0 if nothing is typed. */
    static Hart one(Machine machine, String typed) throws MonitorException {
        if (typed.isEmpty()) {
            return machine.harts().get(0);
        }
        if (!typed.matches("[0-9]") || Integer.parseInt(typed) >= machine.harts().size()) {
            throw new MonitorException("there is no hart '" + typed
                    + "': this machine has harts 0 to " + (machine.harts().size() - 1));
        }
        return machine.harts().get(Integer.parseInt(typed));
    }
}
