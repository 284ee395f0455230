package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.instruction.Disassembler;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Memory in the formats of GDB's {@code x} command. Only looks. */
final class MemoryView {

    static final int MAX_UNITS = 4096;

    private final Machine machine;
    private final Hart hart;

    /** @param hart translates the addresses; null for physical addresses */
    MemoryView(Machine machine, Hart hart) {
        this.machine = machine;
        this.hart = hart;
    }

    /** Shows memory: the text in GDB's lines, and each unit as a field under its address. */
    Report examine(long address, int count, char format, int unit) throws MonitorException {
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
        if (address % width != 0) {
            throw new MonitorException(Hex.address(address) + " is not a multiple of " + width
                    + ": use a smaller unit");
        }
        long pa = hart == null ? address : machine.peek(hart.id()).translate(address);
        if (pa < 0) {
            throw new MonitorException("hart " + hart.id() + " has no translation for the virtual address "
                    + Hex.address(address) + "; 'xp' looks at physical addresses");
        }
        try {
            return machine.bus().peek(pa, width);
        } catch (BusFault fault) {
            throw new MonitorException(fault.getMessage());
        }
    }
}
