package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.instruction.CsrNames;
import ferrite.hardware.instruction.Decoder;
import ferrite.hardware.instruction.Disassembler;
import ferrite.hardware.instruction.Registers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/** A program in readable form: its initial values, its disassembled code, and both outcomes. */
final class Listing {

    private final Program program;
    private final int slot;
    private final StringBuilder out = new StringBuilder();

    private Listing(Program program) {
        this.program = program;
        this.slot = SlotLayout.slot(Math.max(0, program.home));
    }

    static String of(Program program, List<String> differences) {
        Listing listing = new Listing(program);
        listing.begin();
        listing.code();
        differences.forEach(line -> listing.line("  %s", line));
        return listing.out.toString();
    }

    private void line(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private void begin() {
        line("in %s-mode, %s, mstatus 0x%08x%s%s; slot at 0x%08x", "US?M".charAt(program.startMode()),
                program.paged ? "Sv32" : "Bare", program.mstatus, program.machineVectored ? ", mtvec vectored" : "",
                program.supervisorVectored ? ", stvec vectored" : "", slot);
        for (int x = 1; x < 32; x++) {
            int value = program.x[x].applyAsInt(slot);
            if (value != 0 && x != Code.GP && x != Code.TP && x != Code.T6) {
                line("  %s = 0x%08x", Registers.name(x), value);
            }
        }
        program.csrs.forEach((csr, value) -> line("  %s = 0x%08x", CsrNames.name(csr), value.applyAsInt(slot)));
        entries("leaf", program.leaves);
        for (int index : program.oddRoots()) {
            line("  root[0x%03x] = %s; in the other root: %s", index, pte(program.root, index),
                    pte(program.otherRoot, index));
        }
        program.data.forEach((offset, word) -> line("  %s = 0x%08x", Difference.nameOf(offset), word));
    }

    private void entries(String name, Map<Integer, IntUnaryOperator> entries) {
        entries.keySet().forEach(index -> line("  %s[%d] = %s", name, index, pte(entries, index)));
    }

    private String pte(Map<Integer, IntUnaryOperator> entries, int index) {
        if (!entries.containsKey(index)) {
            return "0";
        }
        int pte = entries.get(index).applyAsInt(slot);
        return String.format(Locale.ROOT, "0x%08x (0x%x %s)", pte, Pte.pa(pte), Pte.flags(pte));
    }

    private void code() {
        for (int step = 0; step < program.steps.size(); step++) {
            byte[] bytes = ImagePacker.codeOf(program, step, slot).toBytes();
            int at = slot + SlotLayout.CODE + step * SlotLayout.STEP_BYTES;
            line("  step %d", step);
            for (int n = 0; n < bytes.length; ) {
                int bits = LittleEndian.half(bytes, n);
                boolean compressed = Decoder.isCompressed(bits);
                int word = compressed ? bits : LittleEndian.get(bytes, n);
                String text = Disassembler.text(word, at + n & 0xffff_ffffL);
                line("    %08x  %-8s  %s", at + n,
                        String.format(Locale.ROOT, compressed ? "%04x" : "%08x", word), text);
                n += compressed ? 2 : 4;
            }
        }
    }
}
