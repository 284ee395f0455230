package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.instruction.Disassembler;
import ferrite.hardware.instruction.Registers;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Commands of the monitor that every machine has: they show harts and memory, halt the machine and let it run on. */
public final class MachineCommands {

    private static final int MAX_UNITS = 4096;

    private MachineCommands() { }

    public static List<MonitorCommand> all(Machine machine) {
        List<MonitorCommand> commands = new ArrayList<>(List.of(new InfoRegisters(machine), new Examine(machine, false),
                new Examine(machine, true)));
        commands.addAll(ControlCommands.all(machine.control()));
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
        public Report run(String arguments) throws MonitorException {
            Report report = Report.of("registers");
            if (!arguments.isEmpty()) {
                return describe(machine.harts().get(hart(arguments)));
            }
            machine.harts().forEach(hart -> report.child(describe(hart)));
            return report;
        }

        private int hart(String typed) throws MonitorException {
            if (!typed.matches("[0-9]") || Integer.parseInt(typed) >= machine.harts().size()) {
                throw new MonitorException("there is no hart '" + typed
                        + "': this machine has harts 0 to " + (machine.harts().size() - 1));
            }
            return Integer.parseInt(typed);
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
                Pattern.compile("(?:/([0-9]*)([a-z]*))? ?(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})");

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
            return physical ? "xp/NFU PA" : "x/NFU VA";
        }

        @Override
        public String summary() {
            return "show N units of memory at a " + (physical ? "physical address"
                    : "virtual address, as hart 0 translates it") + "; F is x d u c s i, U is b h w";
        }

        @Override
        public Report run(String arguments) throws MonitorException {
            Matcher matcher = ARGUMENTS.matcher(arguments);
            if (!matcher.matches()) {
                throw new MonitorException("'" + name() + arguments + "': " + usage() + " is expected, for example "
                        + name() + "/8xw 0x" + (physical ? "1000" : "c0001000"));
            }
            String letters = matcher.group(2) == null ? "" : matcher.group(2);
            int count = matcher.group(1) == null || matcher.group(1).isEmpty() ? 1 : parseCount(matcher.group(1));
            long address = parseAddress(matcher.group(3));
            if (address >>> 32 != 0) {
                throw new MonitorException(matcher.group(3) + " is not a 32-bit address");
            }
            return examine(address, count, format(letters), unit(letters));
        }

        /** Parses a number: hexadecimal after 0x, else decimal. Leading zeros have no meaning. */
        private static long parseAddress(String typed) {
            return typed.startsWith("0x") ? Long.parseLong(typed.substring(2), 16) : Long.parseLong(typed);
        }

        private static int parseCount(String digits) throws MonitorException {
            if (digits.length() > 4 || Integer.parseInt(digits) > MAX_UNITS || Integer.parseInt(digits) == 0) {
                throw new MonitorException("a count of " + digits + ": 1 to " + MAX_UNITS
                        + " units can be shown at once");
            }
            return Integer.parseInt(digits);
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

        /** Shows memory: the text in GDB's lines, and each unit as a field under its address. */
        private Report examine(long address, int count, char format, int unit) throws MonitorException {
            if (format == 's') {
                String string = string(address);
                return Report.ofText("memory", Hex.address(address) + ": \"" + string + "\"\n")
                        .text(Hex.address(address), string);
            }
            if (format == 'i') {
                return disassemble(address, count);
            }
            int perLine = format == 'c' ? 8 : 16 / unit;
            StringBuilder out = new StringBuilder();
            List<String> values = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                long at = address + (long) i * unit & 0xffff_ffffL;
                if (i % perLine == 0) {
                    out.append(i == 0 ? "" : "\n").append(Hex.address(at)).append(':');
                }
                values.add(value(at, unit, format));
                out.append(' ').append(values.get(i));
            }
            Report report = Report.ofText("memory", out.append('\n').toString());
            for (int i = 0; i < count; i++) {
                report.text(Hex.address(address + (long) i * unit & 0xffff_ffffL), values.get(i));
            }
            return report;
        }

        /** Disassembles consecutive instructions, each with its own length. */
        private Report disassemble(long address, int count) throws MonitorException {
            StringBuilder out = new StringBuilder();
            long at = address;
            List<Long> addresses = new ArrayList<>();
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int bits = load(at, 2);
                int length = Disassembler.length(bits);
                if (length == 4) {
                    bits |= load(at + 2 & 0xffff_ffffL, 2) << 16;
                }
                addresses.add(at);
                texts.add(Disassembler.text(bits, at));
                out.append(Hex.address(at)).append(":  ").append(texts.get(i)).append('\n');
                at = at + length & 0xffff_ffffL;
            }
            Report report = Report.ofText("memory", out.toString());
            for (int i = 0; i < count; i++) {
                report.text(Hex.address(addresses.get(i)), texts.get(i));
            }
            return report;
        }

        private String string(long address) throws MonitorException {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < MAX_UNITS; i++) {
                int c = load(address + i, 1);
                if (c == 0) {
                    break;
                }
                text.append(c >= 0x20 && c < 0x7f ? "" + (char) c : String.format(Locale.ROOT, "\\%03o", c));
            }
            return text.toString();
        }

        private String value(long at, int size, char format) throws MonitorException {
            int value = load(at, size);
            int shift = 32 - 8 * size;
            return switch (format) {
                case 'd' -> Integer.toString(value << shift >> shift);
                case 'u' -> Integer.toUnsignedString(value);
                case 'o' -> "0" + Integer.toOctalString(value);
                case 'c' -> value >= 0x20 && value < 0x7f ? "'" + (char) value + "'"
                        : "\\" + String.format(Locale.ROOT, "%03o", value);
                default -> "0x" + Hex.digits(value & 0xffff_ffffL, 2 * size);
            };
        }

        private int load(long address, int width) throws MonitorException {
            LongUnaryOperator translation = physical ? pa -> pa : machine.peek(0)::translate;
            if (address % width != 0) {
                throw new MonitorException(Hex.address(address) + " is not a multiple of " + width
                        + ": use a smaller unit");
            }
            long pa = translation.applyAsLong(address);
            if (pa < 0) {
                throw new MonitorException("hart 0 has no translation for the virtual address " + Hex.address(address)
                        + "; 'xp' looks at physical addresses");
            }
            try {
                return machine.bus().peek(pa, width);
            } catch (BusFault fault) {
                throw new MonitorException(fault.getMessage());
            }
        }
    }
}
