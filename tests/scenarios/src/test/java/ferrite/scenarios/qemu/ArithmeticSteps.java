package ferrite.scenarios.qemu;

import static ferrite.scenarios.qemu.Code.ZERO;

import ferrite.hardware.instruction.Decoder;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.instruction.Operands;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Steps that compute, branch and jump. */
final class ArithmeticSteps {

    private final Choice choice;

    ArithmeticSteps(Choice choice) {
        this.choice = choice;
    }

    /** Loads operands at the edges, then runs rows of the table on them. */
    Step compute() {
        int a = choice.register();
        int b = choice.register();
        int[] operands = {choice.operand(), choice.operand()};
        int[] words = new int[3 + choice.below(6)];
        for (int n = 0; n < words.length; n++) {
            Instruction row = choice.of(Rows.COMPUTING);
            words[n] = Rows.random(row, choice);
            if (row.operands() == Operands.R && !choice.oneIn(4)) {
                words[n] = words[n] & ~0x01ff_8000 | a << 15 | b << 20;
            }
        }
        return (code, slot) -> {
            code.li(a, operands[0]).li(b, operands[1]);
            Arrays.stream(words).forEach(code::word);
        };
    }

    /** Runs 16-bit instructions that compute. */
    Step computeCompressed() {
        int a = 8 + choice.below(8);
        int operand = choice.operand();
        int[] parcels = new int[4 + choice.below(16)];
        for (int n = 0; n < parcels.length; n++) {
            parcels[n] = parcel(Compressed.Kind.COMPUTES);
        }
        return (code, slot) -> {
            code.li(a, operand);
            Arrays.stream(parcels).forEach(code::half);
        };
    }

    private int parcel(Compressed.Kind kind) {
        int parcel;
        do {
            parcel = choice.word() & 0xffff;
        } while (Compressed.kind(parcel) != kind);
        return parcel;
    }

    /** Runs an illegal instruction: a random word, a row of the table with one bit changed, or a parcel. */
    Step illegal() {
        if (choice.oneIn(2)) {
            int parcel = parcel(Compressed.Kind.TRAPS);
            return (code, slot) -> code.half(parcel);
        }
        int word = undefined();
        return (code, slot) -> code.word(word);
    }

    private int undefined() {
        while (true) {
            int word = choice.oneIn(3) ? choice.word() | 3
                    : Rows.random(choice.of(List.of(Instruction.values())), choice) ^ 1 << 2 + choice.below(30);
            if (Decoder.decode(word) == null) {
                return word;
            }
        }
    }

    /** Branches over an instruction, or back, three times. */
    Step branch() {
        int a = choice.register();
        int b = choice.registerOtherThan(a);
        int first = choice.operand();
        int second = choice.oneIn(3) ? first : choice.operand();
        Instruction row = choice.of(Rows.BRANCHES);
        int marks = choice.registerOtherThan(a);
        if (choice.oneIn(3)) {
            int counter = choice.register();
            int counted = choice.registerOtherThan(counter);
            return (code, slot) -> code.li(counter, 3).label("loop")
                    .i(Instruction.ADDI, counted, counted, 1).i(Instruction.ADDI, counter, counter, -1)
                    .branch(Instruction.BNE, counter, ZERO, "loop");
        }
        return (code, slot) -> code.li(a, first).li(b, second)
                .branch(row, a, b, "taken").i(Instruction.ADDI, marks, marks, 1)
                .label("taken").i(Instruction.XORI, marks, marks, 0x155);
    }

    /** Branches over a parcel by C.BEQZ and C.BNEZ, or jumps over it by C.J and C.JAL. */
    Step branchCompressed() {
        int register = choice.below(8);
        int value = choice.oneIn(2) ? 0 : choice.operand();
        int parcel = choice.of(0xc011 | register << 7, 0xe011 | register << 7, 0xa011, 0x2011);      // offset 4
        int mark = choice.register();
        return (code, slot) -> code.li(8 + register, value).half(parcel).half(0x0505)                // c.addi a0,1
                .i(Instruction.ADDI, mark, mark, 2);
    }

    /** Jumps, so that link register and target can be compared. An odd target loses its lowest bit. */
    Step jump() {
        int target = choice.register();
        int link = choice.destination();
        int mark = choice.registerOtherThan(target);
        int odd = choice.below(2);
        int immediate = choice.below(4000) - 2000;
        return switch (choice.below(4)) {
            case 0 -> (code, slot) -> code.jump(link, "there").i(Instruction.ADDI, mark, mark, 1).label("there")
                    .i(Instruction.ADDI, mark, mark, 2);
            case 1 -> jumpCompressed(target, 0x8002 | target << 7);                                  // c.jr
            case 2 -> jumpCompressed(target, 0x9002 | target << 7);                                  // c.jalr
            default -> (code, slot) -> code.u(Instruction.AUIPC, target, 0)
                    .i(Instruction.ADDI, target, target, 16 - immediate)
                    .i(Instruction.JALR, link, target, immediate + odd)
                    .i(Instruction.ADDI, mark, mark, 1).i(Instruction.ADDI, mark, mark, 2);
        };
    }

    private static Step jumpCompressed(int target, int jump) {
        return (code, slot) -> code.u(Instruction.AUIPC, target, 0).i(Instruction.ADDI, target, target, 12)
                .half(jump).half(0x0505);
    }

    /** Stores new code just ahead, and runs it after fence.i. */
    Step selfModifying() {
        int word = Rows.random(choice.of(Rows.COMPUTING), choice);
        int old = Rows.random(choice.of(Rows.COMPUTING), choice);
        return (code, slot) -> {
            code.li(Code.T1, word).u(Instruction.AUIPC, Code.T2, 0).store(Code.T1, Code.T2, 12);
            code.plain(Instruction.FENCE_I).word(old);
        };
    }

    /** Calls code in the program's data. It returns through ra. */
    Step call(IntUnaryOperator place) {
        return (code, slot) -> code.li(Code.T1, place.applyAsInt(slot)).i(Instruction.JALR, Code.RA, Code.T1, 0);
    }

    Step fence() {
        int word = choice.oneIn(2) ? Instruction.FENCE.match() | choice.word() & 0xfff0_0000
                : Instruction.FENCE_I.match();
        return (code, slot) -> code.word(word);
    }
}
