package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.hart.Translator;
import ferrite.hardware.instruction.Instruction;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Random code does the same translated as interpreted, compared after budgets of any length: loops and calls, traps in
 * the middle of a block, code that changes itself and data beside code, a device that interrupts, code across pages.
 */
class RandomCodeTest {

    private static final int ROUNDS = Integer.getInteger("ferrite.translated.rounds", 10);
    private static final int STEPS = 40;
    private static final Instruction[] ROWS = Instruction.values();

    /** Continues after the instruction that trapped; at the beginning of the code after a fetch that failed. */
    private static final int[] HANDLER = {
        0x340f_9ff3,  // csrrw x31, mscratch, x31
        0x0002_0fb7,  // lui x31, 0x20
        0x000f_a023,  // sw zero, 0(x31): the device's interrupt ends
        0x3420_2ff3,  // csrr x31, mcause
        0xffff_8f93,  // addi x31, x31, -1
        0x000f_8863,  // beqz x31, a
        0x3410_2ff3,  // csrr x31, mepc
        0x004f_8f93,  // addi x31, x31, 4
        0x0080_006f,  // j b
        0x0000_1fb7,  // a: lui x31, 1
        0x341f_9073,  // b: csrw mepc, x31
        0x340f_9ff3,  // csrrw x31, mscratch, x31
        0x3020_0073}; // mret

    private final Seed seed = Seed.fresh();

    @Test
    void randomCodeDoesTheSame() {
        for (int round = 0; round < ROUNDS; round++) {
            Random random = seed.random(round);
            Twins twins = randomCode(random);
            for (int step = 0; step < STEPS; step++) {
                int ticks = 1 + random.nextInt(random.nextBoolean() ? 40 : 3000);
                twins.run(ticks, seed.replay("round " + round + ", step " + step));
                change(random, twins);
            }
        }
    }

    /** Regions that are made by another thread may be ready when their code is changed, or unreachable. */
    @Test
    void codeWhoseRegionsAreMadeLateDoesTheSame() {
        for (int round = 0; round < ROUNDS; round++) {
            Random random = seed.random(2 * ROUNDS + round);
            Twins twins = randomCode(random).makeLate();
            for (int step = 0; step < 4 * STEPS; step++) {
                twins.run(1 + random.nextInt(600), seed.replay("round " + round + ", step " + step));
                if (random.nextBoolean()) {
                    twins.makeRegions();
                }
                change(random, twins);
            }
        }
    }

    /** Whatever parts of the code a trace and the targets of jumps make a region of. */
    @Test
    void anyChoiceOfCodeDoesTheSame() {
        for (int round = 0; round < ROUNDS; round++) {
            Random random = seed.random(ROUNDS + round);
            Twins twins = randomCode(random);
            Set<Integer> targets = new TreeSet<>();
            for (int jump = 0; jump < 40; jump++) {
                int register = 1 + random.nextInt(31);
                int target = 4 * random.nextInt(500);
                targets.add(Twins.CODE + target);
                twins.code(Twins.CODE + 4 * random.nextInt(500), 0x1037 | register << 7,       // lui register, CODE
                        target << 20 | register << 15 | random.nextInt(2) << 7 | 0x67);        // jalr target(register)
            }
            int salt = random.nextInt();
            Translator translator = new BytecodeTranslator();
            twins.translated.hart.translate((source, pc) -> translator.translate(new ToldSource(source, source::at,
                    targets, at -> at == pc ? 1 : (at * salt >>> 28) - 3, at -> (at * salt >> 8 & 1) != 0), pc), true);
            for (int step = 0; step < STEPS; step++) {
                twins.run(1 + random.nextInt(3000), seed.replay("round " + round + ", step " + step));
                twins.at(Twins.CODE + 4 * random.nextInt(1500)).set(1 + random.nextInt(31), value(random));
            }
        }
    }

    private static Twins randomCode(Random random) {
        Twins twins = new Twins(random.nextBoolean()).takeInterrupts().code(Twins.HANDLER, HANDLER);
        int words = 16 + random.nextInt(1500);
        twins.code(Twins.CODE, random.ints(words).map(any -> word(random, words)).toArray());
        for (int register = 1; register < 32; register++) {
            twins.set(register, value(random));
        }
        return twins;
    }

    @Test
    void anInterruptThatAStoreRaisesIsTakenBeforeTheNextInstruction() {
        int storeToDevice = 0x00b5_2023;               // sw x11, 0(x10)
        int count = 0x0016_0613;                       // addi x12, x12, 1
        int self = 0x0000_006f;
        Twins twins = new Twins().takeInterrupts().code(Twins.HANDLER, self)
                .code(Twins.CODE, count, storeToDevice, count, count, self)
                .set(10, Twins.DEVICE).set(11, 1).set(12, 0).at(Twins.CODE)
                .run(20, "the store, which ends the budget").run(20, "the interrupt");
        assertThat(twins.translated.hart.register(12)).isEqualTo(1);
        assertThat(twins.translated.hart.pc()).isEqualTo(Twins.HANDLER);
    }

    @Test
    void anInterruptThatACsrInstructionEnablesIsTakenBeforeTheNextInstruction() {
        int disable = 0x3004_7073;                     // csrci mstatus, MIE
        int enable = 0x3004_6073;                      // csrsi mstatus, MIE
        int storeToDevice = 0x00b5_2023;               // sw x11, 0(x10)
        int count = 0x0016_0613;                       // addi x12, x12, 1
        int next = 0x3406_1073;                        // csrw mscratch, x12
        int self = 0x0000_006f;
        Twins twins = new Twins().takeInterrupts().code(Twins.HANDLER, self)
                .code(Twins.CODE, disable, storeToDevice, count, enable, next, count, self)
                .set(10, Twins.DEVICE).set(11, 0).set(12, 0).at(Twins.CODE)
                .run(1000, "all of the code, which the interpreter decodes")
                .set(11, 1).at(Twins.CODE).run(1000, "the store, which ends the budget")
                .run(1000, "the instruction that enables the interrupt").run(1000, "the interrupt");
        assertThat(twins.translated.hart.register(12)).isEqualTo(3);
        assertThat(twins.translated.hart.pc()).isEqualTo(Twins.HANDLER);
    }

    @Test
    void loadsHaveAnotherPrivilegeAfterACsrInstructionThatSetsMprv() {
        int deny = 0x3a05_9073;                        // csrw pmpcfg0, x11: four bytes for M-mode alone
        int address = 0x3b06_1073;                     // csrw pmpaddr0, x12
        int load = 0x0005_2683;                        // lw x13, 0(x10)
        int count = 0x0017_0713;                       // addi x14, x14, 1
        int modify = 0x3007_a073;                      // csrs mstatus, x15: MPRV, and MPP is U
        int self = 0x0000_006f;
        Twins twins = new Twins().code(Twins.HANDLER, self)
                .code(Twins.CODE, address, deny, load, count, modify, load, count, self)
                .set(10, Twins.DATA).set(11, 0x10).set(12, Twins.DATA >> 2).set(14, 0).at(Twins.CODE)
                .run(1000, "both loads as M-mode, in which the interpreter decodes the instructions")
                .set(15, 1 << 17).at(Twins.CODE).run(1000, "the load that is not permitted");
        assertThat(twins.translated.hart.register(14)).isEqualTo(3);
        assertThat(twins.translated.hart.pc()).isEqualTo(Twins.HANDLER);
    }

    /** Switches the translator, moves to other code, or exchanges the states, between two instructions. */
    private static void change(Random random, Twins twins) {
        switch (random.nextInt(12)) {
            case 0 -> twins.translate(false, false);
            case 1 -> twins.translate(true, false);
            case 2, 3 -> twins.translate(true, true);
            case 4 -> twins.at(Twins.CODE + 2 * random.nextInt(1000));
            case 5 -> twins.exchangeStates();
            case 6 -> twins.set(1 + random.nextInt(31), value(random));
            default -> { }
        }
    }

    private static int value(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(64) - 32;
            case 2 -> Twins.DEVICE + random.nextInt(8);
            case 3 -> Twins.CODE + 4 * random.nextInt(1500);
            case 4 -> Twins.DATA + 0xff8 + random.nextInt(16);
            default -> Twins.DATA + 4 * random.nextInt(1000);
        };
    }

    /** Returns an instruction: a random row with random fields, mostly such that the code goes on. */
    private static int word(Random random, int words) {
        if (random.nextInt(60) == 0) {
            return random.nextInt();                   // compressed, illegal, or anything
        }
        Instruction row = ROWS[random.nextInt(random.nextInt(10) == 0 ? ROWS.length : Instruction.AND.ordinal() + 1)];
        int word = row.match() | random.nextInt() & ~row.mask();
        return switch (row.operands()) {
            case BRANCH -> word & ~0xfe00_0f80 | branch(4 * (random.nextInt(40) - 16));
            case JUMP -> word & 0xfff | jump(4 * (random.nextInt(200) - 90));
            case LOAD, STORE -> row == Instruction.LW || random.nextInt(3) > 0 ? word & ~0xf000_0000 : word;
            case JUMP_REGISTER -> word & ~0xf000_0000;
            default -> word;
        };
    }

    private static int branch(int offset) {
        return (offset >> 12 & 1) << 31 | (offset >> 5 & 0x3f) << 25 | (offset >> 1 & 0xf) << 8
                | (offset >> 11 & 1) << 7;
    }

    private static int jump(int offset) {
        return (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20
                | (offset >> 12 & 0xff) << 12;
    }
}
