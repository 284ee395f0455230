package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.instruction.Instruction;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/** Builds the contents of RAM from the harness and up to {@link SlotLayout#MAX_PROGRAMS} programs. */
final class ImagePacker {

    private static final Harness HARNESS = new Harness();
    private static final byte[] HARNESS_BYTES = HARNESS.bytes();

    private ImagePacker() { }

    /** Packs the programs one after the other, from slot {@code first} on. */
    static byte[] pack(List<Program> programs, int first) {
        byte[] image = new byte[(first + programs.size() + 2) * SlotLayout.SLOT_BYTES];
        System.arraycopy(HARNESS_BYTES, 0, image, 0, HARNESS_BYTES.length);
        LittleEndian.put(image, Harness.FIRST_SLOT, SlotLayout.slot(first));
        for (int n = 0; n < programs.size(); n++) {
            new Slot(image, programs.get(n), SlotLayout.slot(first + n)).fill();
        }
        return image;
    }

    /** Assembles a program's code, for a person to read. */
    static Code codeOf(Program program, int step, int slot) {
        int at = slot + SlotLayout.CODE + step * SlotLayout.STEP_BYTES;
        Code code = new Code(at);
        code.u(Instruction.AUIPC, Code.GP, 0);
        program.steps.get(step).emit(code, slot);
        if (code.bytes() > SlotLayout.STEP_BYTES) {
            throw new IllegalStateException("step " + step + " of program " + program.number
                    + " has " + code.bytes() + " bytes");
        }
        return code;
    }

    private record Slot(byte[] image, Program program, int slot) {

        void fill() {
            put(SlotLayout.PRESENT, Harness.PRESENT_MARK);
            put(SlotLayout.PAGED, program.paged ? 1 : 0);
            registers();
            steps();
            program.data.forEach(this::put);
            table(SlotLayout.ROOT_TABLE, program.root);
            table(SlotLayout.LEAF_TABLE, program.leaves);
            table(SlotLayout.OTHER_ROOT_TABLE, program.otherRoot);
        }

        private void put(int offset, int word) {
            LittleEndian.put(image, slot - SlotLayout.RAM_BASE + offset, word);
        }

        private void registers() {
            for (int x = 0; x < 32; x++) {
                put(SlotLayout.INITIAL_X + 4 * x, program.x[x].applyAsInt(slot));
            }
            put(SlotLayout.INITIAL_X + 4 * Code.TP, 0);
            put(SlotLayout.INITIAL_X + 4 * Code.T6, program.mstatus);
            put(SlotLayout.INITIAL_X + 4 * Code.GP, program.startAddress(slot) - SlotLayout.STEP_BYTES);
            csr(Csrs.MEPC, program.startAddress(slot));
            csr(Csrs.MTVEC, HARNESS.machineVector(program.machineVectored));
            csr(Csrs.STVEC, HARNESS.supervisorVector(program.supervisorVectored));
            program.csrs.forEach((csr, value) -> csr(csr, value.applyAsInt(slot)));
        }

        private void csr(int csr, int value) {
            put(SlotLayout.INITIAL_CSRS + 4 * ComparedCsrs.INITIAL.indexOf(csr), value);
        }

        private void steps() {
            for (int step = 0; step < SlotLayout.STEPS; step++) {
                int offset = SlotLayout.CODE + step * SlotLayout.STEP_BYTES;
                Code code = step < program.steps.size() ? codeOf(program, step, slot) : exit(slot + offset);
                int rest = SlotLayout.STEP_BYTES - code.bytes();
                if (rest == 2) {
                    code.half(0x0001);                          // c.nop
                } else if (rest > 0) {
                    code.word(Instruction.JAL.match() | Code.offsetJ(rest));
                }
                byte[] bytes = code.toBytes();
                System.arraycopy(bytes, 0, image, slot - SlotLayout.RAM_BASE + offset, bytes.length);
            }
        }

        private Code exit(int at) {
            return new Code(at).u(Instruction.AUIPC, Code.GP, 0).li(Code.TP, Harness.EXIT).plain(Instruction.ECALL);
        }

        private void table(int offset, Map<Integer, IntUnaryOperator> entries) {
            entries.forEach((index, pte) -> put(offset + 4 * index, pte.applyAsInt(slot)));
        }
    }
}
