package ferrite.scenarios.qemu;

import ferrite.hardware.instruction.Instruction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An assembler for one piece of machine code: parcels one after the other from an address on, with labels. */
public final class Code {

    public static final int ZERO = 0;
    public static final int RA = 1;
    public static final int SP = 2;
    public static final int GP = 3;
    public static final int TP = 4;
    public static final int T0 = 5;
    public static final int T1 = 6;
    public static final int T2 = 7;
    public static final int A0 = 10;
    public static final int A6 = 16;
    public static final int A7 = 17;
    public static final int T3 = 28;
    public static final int T6 = 31;

    private record Fixup(int parcel, String label) { }

    private final int origin;
    private final List<Short> parcels = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();
    private final List<Fixup> fixups = new ArrayList<>();

    public Code(int origin) {
        this.origin = origin;
    }

    /** Returns the address of the next parcel. */
    public int here() {
        return origin + 2 * parcels.size();
    }

    public int bytes() {
        return 2 * parcels.size();
    }

    public Code half(int parcel) {
        parcels.add((short) parcel);
        return this;
    }

    public Code word(int word) {
        return half(word).half(word >>> 16);
    }

    public Code label(String name) {
        labels.put(name, parcels.size());
        return this;
    }

    public int address(String label) {
        return origin + 2 * labels.get(label);
    }

    // ---- by the shape of operands ----

    public Code r(Instruction row, int rd, int rs1, int rs2) {
        return word(row.match() | rd << 7 | rs1 << 15 | rs2 << 20);
    }

    public Code i(Instruction row, int rd, int rs1, int immediate) {
        return word(row.match() | rd << 7 | rs1 << 15 | immediate << 20);
    }

    public Code s(Instruction row, int rs2, int rs1, int immediate) {
        return word(row.match() | rs1 << 15 | rs2 << 20 | (immediate & 0x1f) << 7 | immediate >> 5 << 25);
    }

    public Code u(Instruction row, int rd, int immediate) {
        return word(row.match() | rd << 7 | immediate & 0xffff_f000);
    }

    public Code csr(Instruction row, int rd, int csr, int rs1) {
        return word(row.match() | rd << 7 | rs1 << 15 | csr << 20);
    }

    public Code branch(Instruction row, int rs1, int rs2, String label) {
        fixups.add(new Fixup(parcels.size(), label));
        return word(row.match() | rs1 << 15 | rs2 << 20);
    }

    public Code jump(int rd, String label) {
        fixups.add(new Fixup(parcels.size(), label));
        return word(Instruction.JAL.match() | rd << 7);
    }

    public Code plain(Instruction row) {
        return word(row.match());
    }

    /** Returns the bits of a jump's offset, in the places of {@code jal}. */
    public static int offsetJ(int offset) {
        return (offset & 0x10_0000) << 11 | (offset & 0x7fe) << 20 | (offset & 0x800) << 9 | offset & 0xf_f000;
    }

    /** Returns the bits of a branch's offset. */
    public static int offsetB(int offset) {
        return (offset & 0x1000) << 19 | (offset & 0x7e0) << 20 | (offset & 0x1e) << 7 | (offset & 0x800) >> 4;
    }

    /** Loads any constant, in one or two instructions. */
    public Code li(int rd, int value) {
        int low = value << 20 >> 20;
        if (low == value) {
            return i(Instruction.ADDI, rd, ZERO, value);
        }
        u(Instruction.LUI, rd, value - low);
        return low == 0 ? this : i(Instruction.ADDI, rd, rd, low);
    }

    public Code load(int rd, int base, int offset) {
        return i(Instruction.LW, rd, base, offset);
    }

    public Code store(int rs2, int base, int offset) {
        return s(Instruction.SW, rs2, base, offset);
    }

    public Code csrr(int rd, int csr) {
        return csr(Instruction.CSRRS, rd, csr, ZERO);
    }

    public Code csrw(int csr, int rs1) {
        return csr(Instruction.CSRRW, ZERO, csr, rs1);
    }

    /** Returns the bytes, with the offsets of all jumps and branches to labels filled in. */
    public byte[] toBytes() {
        byte[] bytes = new byte[bytes()];
        for (int parcel = 0; parcel < parcels.size(); parcel++) {
            bytes[2 * parcel] = parcels.get(parcel).byteValue();
            bytes[2 * parcel + 1] = (byte) (parcels.get(parcel) >> 8);
        }
        for (Fixup fixup : fixups) {
            int at = 2 * fixup.parcel;
            int word = LittleEndian.get(bytes, at);
            int offset = 2 * labels.get(fixup.label) - at;
            LittleEndian.put(bytes, at, word | (Instruction.JAL.matches(word) ? offsetJ(offset) : offsetB(offset)));
        }
        return bytes;
    }
}
