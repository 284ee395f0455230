package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.instruction.Encoding;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.instruction.Operands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The translator and the interpreter agree on every row of the instruction table, for operands at the edges. */
class EveryRowTest {

    private static final int[] VALUES = {0, 1, -1, 31, 32, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0x1234_5678,
        0xdead_beef, Twins.DATA, Twins.DATA + 1, Twins.DATA + 0xffe, Twins.CODE, Twins.DEVICE};
    private static final int RD = 10;
    private static final int RS1 = 11;
    private static final int RS2 = 12;
    private static final int NOP = 0x13;
    private static final int SELF = 0x6f;

    /** The registers of an instruction: different ones, x0 as destination, and destination and source the same. */
    private static final int[][] REGISTERS = {{RD, RS1, RS2}, {0, RS1, RS2}, {RS1, RS1, RS2}, {RS2, RS1, RS2},
        {RD, 0, RS2}, {RD, RS1, 0}};
    private static final int[] IMMEDIATES = {0, 0x0080_0000, 0x7ff0_0000, 0x8000_0000, 0xfff0_0000, 0x0010_0f80};

    private Twins twins = new Twins();

    /** With the JDK's own access to memory, which {@code ferrite.jar} and these tests have, and without it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rowsAgreeForOperandsAtTheEdges(boolean raw) {
        assertThat(RawPages.UNSAFE).as("the JVM of the tests has the --add-exports of pom.xml").isNotNull();
        twins = new Twins(raw);
        int translatedRows = 0;
        for (Instruction row : Instruction.values()) {
            if (!GuestCode.isTranslated(row)) {
                continue;
            }
            translatedRows++;
            for (int[] registers : REGISTERS) {
                agree(row, word(row, registers, IMMEDIATES[1]));
            }
            boolean hasImmediate = row.operands() != Operands.R;
            for (int i = 0; hasImmediate && i < IMMEDIATES.length; i++) {
                agree(row, word(row, REGISTERS[0], IMMEDIATES[i]));
            }
        }
        assertThat(translatedRows).as("rows that are translated").isEqualTo(47);
    }

    private void agree(Instruction row, int word) {
        twins.code(Twins.HANDLER, SELF).code(Twins.CODE, NOP, word, NOP, SELF);
        for (int x : VALUES) {
            for (int y : VALUES) {
                agree(row, word, x, y);
            }
        }
    }

    private void agree(Instruction row, int word, int x, int y) {
        for (Twins.Twin twin : new Twins.Twin[] {twins.interpreted, twins.translated}) {
            twin.hart.setMode(3);
            twin.hart.setPc(Twins.CODE);
            twin.hart.setRegister(RD, 0x5555_5555);
            twin.hart.setRegister(RS1, x);
            twin.hart.setRegister(RS2, y);
            twin.clock.settle();
            twin.clock.grant(3);
            twin.hart.run();
        }
        for (int register = RD; register <= RS2; register++) {
            if (twins.translated.hart.register(register) != twins.interpreted.hart.register(register)) {
                throw new AssertionError(String.format("%s %08x of %x and %x: x%d is %x, and not %x", row, word, x, y,
                        register, twins.translated.hart.register(register),
                        twins.interpreted.hart.register(register)));
            }
        }
        if (twins.translated.hart.pc() != twins.interpreted.hart.pc()) {
            throw new AssertionError(String.format("%s %08x of %x and %x: pc", row, word, x, y));
        }
        if (x != Twins.CODE) {
            return;
        }
        twins.run(1, row);                             // all of RAM, and the CSRs with the trap's cause and value
        twins.code(Twins.CODE, NOP, word, NOP, SELF);  // a store may have changed it
    }

    private static int word(Instruction row, int[] registers, int immediate) {
        int free = ~row.mask() & ~(Encoding.RD | Encoding.RS1 | Encoding.RS2);
        int word = row.match() | immediate & free;
        if ((row.mask() & Encoding.RD) == 0) {
            word = word & ~Encoding.RD | registers[0] << 7;
        }
        return switch (row.operands()) {
            case U, JUMP -> word | immediate & (Encoding.RS1 | Encoding.RS2) & 0xff00_0000;
            case R, BRANCH, STORE -> word | registers[1] << 15 | registers[2] << 20;
            default -> word | registers[1] << 15;
        };
    }

    @Test
    void theSecondRunIsTranslated() {
        twins.code(Twins.CODE, NOP, NOP, SELF).at(Twins.CODE).run(10, "two instructions");
        assertThat(twins.translated.bus.code().at(Twins.CODE).hasEntry(0)).isTrue();
    }
}
