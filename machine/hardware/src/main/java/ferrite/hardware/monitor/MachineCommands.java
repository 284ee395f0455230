package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.instruction.Registers;
import ferrite.hardware.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Commands of the monitor that every machine has: they show harts and memory, halt the machine and let it run on. */
public final class MachineCommands {

    private MachineCommands() { }

    /** Adds the commands to a monitor, whose stop reasons and traces they use. */
    public static void addTo(Monitor monitor, Machine machine) {
        all(monitor, machine).forEach(monitor::add);
    }

    private static List<MonitorCommand> all(Monitor monitor, Machine machine) {
        List<MonitorCommand> commands = new ArrayList<>(List.of(new InfoRegisters(machine), new CsrsCommand(machine),
                new MappingsCommand(machine), new TlbCommand(machine), new WalkCommand(machine),
                new Examine(machine, false), new Examine(machine, true), new ViolationsCommand(machine.events()),
                new TraceCommand(machine, monitor)));
        commands.addAll(ControlCommands.all(machine));
        commands.addAll(PointCommands.all(machine.control(), monitor));
        commands.add(new RiscvCommand(machine));
        commands.add(new TriggersCommand(machine));
        return commands;
    }

    private static final class InfoRegisters implements MonitorCommand {

        private final Machine machine;

        InfoRegisters(Machine machine) {
            this.machine = machine;
        }

        @Override
        public String name() {
            return "info registers";
        }

        @Override
        public String usage() {
            return "info registers [HART]";
        }

        @Override
        public String summary() {
            return "registers and S-mode state of one hart, or of all";
        }

        @Override
        public List<String> examples() {
            return List.of("info registers", "info registers 1");
        }

        @Override
        public Report run(String arguments) throws MonitorException {
            Report report = Report.of("registers");
            if (!arguments.isEmpty()) {
                return describe(HartArgument.one(machine, arguments));
            }
            machine.harts().forEach(hart -> report.child(describe(hart)));
            return report;
        }

        private static Report describe(Hart hart) {
            Report report = Report.of("hart " + hart.id());
            report.address("pc", hart.pc() & 0xffff_ffffL);
            for (int number = 1; number < 32; number++) {
                report.address(Registers.name(number), hart.register(number) & 0xffff_ffffL);
            }
            report.text("mode", PrivilegeMode.name(hart.mode()) + (hart.isWaiting() ? ", waiting" : ""));
            String[] names = {"sstatus", "sie", "sip", "sepc", "scause", "stval", "satp"};
            int[] numbers = {Csrs.SSTATUS, Csrs.SIE, Csrs.SIP, Csrs.SEPC, Csrs.SCAUSE, Csrs.STVAL, Csrs.SATP};
            for (int i = 0; i < names.length; i++) {
                report.address(names[i], hart.csrs().read(numbers[i], PrivilegeMode.M) & 0xffff_ffffL);
            }
            return report.number("instructions", hart.csrs().retired());
        }
    }

    /** GDB's {@code x} command: count, format and unit size after a slash, then an address. */
    private static final class Examine implements MonitorCommand {

        private static final Pattern ARGUMENTS =
                Pattern.compile("(?:/([0-9]*)([a-z]*))? ?(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})(?: ([0-9]+))?");

        private final Machine machine;
        private final boolean physical;

        Examine(Machine machine, boolean physical) {
            this.machine = machine;
            this.physical = physical;
        }

        @Override
        public String name() {
            return physical ? "xp" : "x";
        }

        @Override
        public String usage() {
            return physical ? "xp/NFU PA" : "x/NFU VA [HART]";
        }

        @Override
        public String summary() {
            return "show N units of memory at a " + (physical ? "physical address"
                    : "virtual address, as a hart translates it") + "; F is x d u c s i, U is b h w";
        }

        @Override
        public List<String> examples() {
            return physical ? List.of("xp/8xw 0x1000", "xp/2i 0x80000000")
                    : List.of("x/8xw 0xc0001000", "x/4i 0xc0001000 1", "x/s 0xc0001000");
        }

        @Override
        public Report run(String arguments) throws MonitorException {
            Matcher matcher = ARGUMENTS.matcher(arguments);
            if (!matcher.matches() || physical && matcher.group(4) != null) {
                throw new MonitorException("'" + name() + arguments + "': " + usage() + " is expected, for example "
                        + name() + "/8xw 0x" + (physical ? "1000" : "c0001000"));
            }
            String letters = matcher.group(2) == null ? "" : matcher.group(2);
            int count = matcher.group(1) == null || matcher.group(1).isEmpty() ? 1 : parseCount(matcher.group(1));
            long address = parseAddress(matcher.group(3));
            if (address >>> 32 != 0) {
                throw new MonitorException(matcher.group(3) + " is not a 32-bit address");
            }
            Hart hart = HartArgument.one(machine, matcher.group(4) == null ? "" : matcher.group(4));
            return new MemoryView(machine, physical ? null : hart)
                    .examine(address, count, format(letters), unit(letters));
        }

        /** Parses a number: hexadecimal after 0x, else decimal. Leading zeros have no meaning. */
        private static long parseAddress(String typed) {
            return typed.startsWith("0x") ? Long.parseLong(typed.substring(2), 16) : Long.parseLong(typed);
        }

        private static int parseCount(String digits) throws MonitorException {
            int count = digits.length() > 4 ? 0 : Integer.parseInt(digits);
            if (count == 0 || count > MemoryView.MAX_UNITS) {
                throw new MonitorException("a count of " + digits + ": 1 to " + MemoryView.MAX_UNITS
                        + " units can be shown at once");
            }
            return count;
        }

        private static char format(String letters) throws MonitorException {
            String formats = letters.replaceAll("[bhw]", "");
            if (formats.length() > 1 || !"xduicso".contains(formats)) {
                throw new MonitorException("'" + letters
                        + "' is no format; a format is one of x d u o c s i, and one of b h w for the size");
            }
            return formats.isEmpty() ? 'x' : formats.charAt(0);
        }

        private static int unit(String letters) throws MonitorException {
            String units = letters.replaceAll("[^bhw]", "");
            if (units.length() > 1) {
                throw new MonitorException("'" + letters + "' names more than one size: b is a byte, h two, w four");
            }
            boolean bytes = letters.contains("c") || letters.contains("s");
            return units.equals("b") || units.isEmpty() && bytes ? 1 : units.equals("h") ? 2 : 4;
        }
    }
}
