package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.DebugPoints;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ExposedCsrs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * OpenOCD's command for RISC-V (OpenOCD User's Guide, RISC-V commands). {@code info} describes the harts, a key and a
 * value on each line. {@code expose_csrs} has debuggers list CSRs that the harts lack. {@code repeat_read} is {@link
 * RepeatedRead}. The others are triggers of the debug specification: {@code icount} halts after a number of
 * instructions of the hart that halted last, {@code etrigger} and {@code itrigger} at exceptions and interrupts, given
 * as a bit mask of causes. One of each kind exists.
 */
final class RiscvCommand implements MonitorCommand {

    private static final int XLEN = 32;
    private static final String EXPOSE = "expose_csrs";
    private static final String REPEAT = "repeat_read";

    private final Machine machine;
    /** The traps that each trigger catches. */
    private final Map<String, List<DebugPoints.CaughtTrap>> caught = new TreeMap<>();
    private boolean counts;

    RiscvCommand(Machine machine) {
        this.machine = machine;
    }

    @Override
    public String name() {
        return "riscv";
    }

    @Override
    public String usage() {
        return "riscv icount|etrigger|itrigger set [m] [s] [u] NUMBER | icount|etrigger|itrigger clear | "
                + "expose_csrs [" + ExposedCsrs.USAGE + "] | " + RepeatedRead.USAGE + " | info";
    }

    @Override
    public String summary() {
        return "OpenOCD's triggers: halt after NUMBER instructions in these modes, or at the exceptions or interrupts "
                + "of a bit mask that are taken from them; expose_csrs has GDB list CSRs that the harts lack, from its "
                + "next connection on, or shows them; repeat_read reads COUNT values of SIZE bytes, 4 by default, at "
                + "an address of a halted machine, and lets a step of the timebase pass after each, while no hart "
                + "executes: unlike other commands that look, it changes the run, as a write does; info prints the "
                + "width of the harts";
    }

    @Override
    public List<String> examples() {
        return List.of("riscv icount set m s u 1000", "riscv etrigger set m 0x20", "riscv itrigger set s u 0x200",
                "riscv itrigger clear", "riscv expose_csrs 2288 0x7c0-0x7c3 2049=mine", "riscv expose_csrs",
                "riscv repeat_read 1024 0x200bff8 4", "riscv info");
    }

    @Override
    public Effect effect(String arguments) {
        return arguments.equals("info") || arguments.equals(EXPOSE) ? Effect.LOOKS : Effect.STEERS;
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (arguments.equals("info")) {
            return Report.ofText("riscv", "hart.xlen " + XLEN + "\n").number("xlen", XLEN);
        }
        String[] words = arguments.split(" ");
        if (words[0].equals(EXPOSE)) {
            return expose(arguments.substring(EXPOSE.length()));
        }
        if (words[0].equals(REPEAT)) {
            return new RepeatedRead(machine).run(words);
        }
        String trigger = words[0];
        if (words.length < 2 || !List.of("icount", "etrigger", "itrigger").contains(trigger)) {
            throw new MonitorException("'riscv " + arguments + "': " + usage() + " is expected");
        }
        switch (words[1]) {
            case "set" -> {
                int modes = 0;
                for (int i = 2; i < words.length - 1; i++) {
                    modes |= mode(words[i]);
                }
                long number = words.length > 2 ? number(words[words.length - 1]) : 0;
                set(trigger, modes, number);
            }
            case "clear" -> clear(trigger);
            default -> throw new MonitorException("'" + words[1] + "': 'set' or 'clear' is expected");
        }
        return Report.ofText("riscv", trigger + " " + words[1] + "\n");
    }

    private Report expose(String list) throws MonitorException {
        ExposedCsrs csrs = machine.control().exposedCsrs();
        try {
            if (!list.isEmpty()) {
                csrs.add(list);
            }
        } catch (IllegalArgumentException noList) {
            throw new MonitorException(noList.getMessage());
        }
        Report report = Report.ofText("riscv", csrs.toString());
        csrs.names().forEach((csr, name) -> report.text(name, "0x" + Hex.digits(csr, 3)));
        return report;
    }

    private static int mode(String word) throws MonitorException {
        int mode = switch (word) {
            case "m" -> PrivilegeMode.M;
            case "s" -> PrivilegeMode.S;
            case "u" -> PrivilegeMode.U;
            default -> throw new MonitorException("'" + word
                    + "' is no mode of these harts, which have m, s and u");
        };
        return 1 << mode;
    }

    static long number(String word) throws MonitorException {
        try {
            return Long.decode(word);
        } catch (NumberFormatException wrong) {
            throw new MonitorException("'" + word + "' is no number, such as 100 or 0x20");
        }
    }

    private void set(String trigger, int modes, long number) throws MonitorException {
        if (modes == 0 || number <= 0 || number >>> 32 != 0) {
            throw new MonitorException("Doesn't make sense: " + trigger + " needs at least one of m, s and u, and a "
                    + (trigger.equals("icount") ? "number of instructions" : "bit mask of causes")
                    + ", from 1 to 0xffffffff");
        }
        if (isSet(trigger)) {
            throw new MonitorException("an " + trigger + " is set already; 'riscv " + trigger + " clear' comes first");
        }
        ControlCommands.requireDebugger(machine.control());
        if (trigger.equals("icount")) {
            counts = true;
            machine.control().haltAfter(machine.harts().get(machine.control().lastHalt().hart()), number, modes);
            return;
        }
        List<DebugPoints.CaughtTrap> traps = new ArrayList<>();
        for (int cause = 0; cause < 32; cause++) {
            if ((number >> cause & 1) != 0) {
                traps.add(new DebugPoints.CaughtTrap(
                        trigger.equals("itrigger") ? cause | Integer.MIN_VALUE : cause, modes));
            }
        }
        traps.forEach(machine.control().points()::catchTrap);
        caught.put(trigger, traps);
    }

    private boolean isSet(String trigger) {
        return trigger.equals("icount") ? counts : caught.containsKey(trigger);
    }

    private void clear(String trigger) throws MonitorException {
        if (!isSet(trigger)) {
            throw new MonitorException("No " + trigger + " is set");
        }
        if (trigger.equals("icount")) {
            counts = false;
            machine.control().haltAfter(null, 0, 0);
        } else {
            caught.remove(trigger).forEach(machine.control().points()::ignoreTrap);
        }
    }
}
