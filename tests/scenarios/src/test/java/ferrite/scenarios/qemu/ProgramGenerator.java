package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Trap;
import java.util.Random;

/** Makes program {@code number} of a seed. */
final class ProgramGenerator {

    /** The size of a batch. Only its last program may lock PMP entries, because only a reset unlocks them. */
    static final int BATCH = 100;

    private static final int STATUS = Csrs.MSTATUS_SIE | Csrs.SPIE | Csrs.SPP | Csrs.SUM | Csrs.MXR | Csrs.MPIE;
    private static final int RARE_STATUS = Csrs.TVM | Csrs.TW | Csrs.TSR;
    private static final int NEAR = 64;
    /** C.NOP, and the first half of an addi that continues in the next page. */
    private static final int HALF_ACROSS = 0x8593_0001;
    private static final int MIN_STEPS = 12;
    private static final int MORE_STEPS = 36;

    private final Choice choice;
    private final Program program;
    private final Places places;
    private final int asid;
    private final ArithmeticSteps arithmetic;
    private final MemorySteps memory;
    private final CsrSteps csrs;
    private final PrivilegeSteps privilege;
    private final Protection protection;
    private final boolean protects;
    /** The only interrupt that the program enables ({@link KnownDeparture#INTERRUPT_PRIORITY}). */
    private final int interrupt;
    /** The value of menvcfg.STCE: whether there is an S-mode timer. */
    private final boolean timer;

    private ProgramGenerator(long seed, int number) {
        choice = new Choice(new Random(seed * 0x9e37_79b9_7f4a_7c15L + number * 0xbf58_476d_1ce4_e5b9L));
        program = new Program(seed, number);
        boolean last = number % BATCH == BATCH - 1;
        program.paged = last ? choice.oneIn(4) : !choice.oneIn(3);
        boolean global = choice.oneIn(3);
        asid = choice.oneIn(2) ? 0 : choice.below(512);
        protects = last || choice.oneIn(4);
        program.locks = last;
        timer = choice.oneIn(2);
        boolean holes = choice.oneIn(4);
        places = new Places(choice, program.paged, !protects && !holes);
        PageTables tables = new PageTables(choice, places, global, holes);
        tables.fill(program);
        arithmetic = new ArithmeticSteps(choice);
        memory = new MemorySteps(choice, places);
        interrupt = choice.of(Trap.SUPERVISOR_SOFTWARE, Trap.SUPERVISOR_TIMER, Trap.SUPERVISOR_EXTERNAL);
        csrs = new CsrSteps(choice, interrupt);
        privilege = new PrivilegeSteps(choice, places, tables, program.paged, global);
        protection = new Protection(choice);
    }

    static Program generate(long seed, int number) {
        return new ProgramGenerator(seed, number).generate();
    }

    private Program generate() {
        registers();
        data();
        initialCsrs();
        int steps = MIN_STEPS + choice.below(MORE_STEPS);
        for (int n = 0; n < steps; n++) {
            program.steps.add(step());
        }
        return program;
    }

    private void registers() {
        for (int x = 1; x < 32; x++) {
            int value = choice.operand();
            program.x[x] = slot -> value;
        }
    }

    /** Makes words near the borders of the pages, and short routines that return through ra. */
    private void data() {
        for (int page = 2; page < 5; page++) {
            int first = page * SlotLayout.PAGE;
            int last = first + SlotLayout.PAGE - NEAR;
            for (int offset = 0; offset < NEAR; offset += 4) {
                program.data.put(first + offset, word(page));
                program.data.put(last + offset, word(page));
            }
        }
        program.data.put(SlotLayout.ROUTINES + SlotLayout.PAGE - 4, choice.oneIn(2) ? HALF_ACROSS : word(4));
    }

    private int word(int page) {
        if (page * SlotLayout.PAGE != SlotLayout.ROUTINES) {
            return choice.operand();
        }
        return switch (choice.below(6)) {
            case 0 -> 0x0000_8067;                               // ret
            case 1 -> 0x8082_0505;                               // c.addi a0,1; c.jr ra
            case 2 -> 0x8082_8082;                               // c.jr ra; c.jr ra
            case 3 -> 0;                                         // illegal
            default -> 0x0015_8593;                              // addi a1,a1,1
        };
    }

    private void initialCsrs() {
        int mode = program.locks ? 3 : choice.of(0, 1, 3);
        program.mstatus = choice.word() & STATUS | (choice.oneIn(4) ? choice.word() & RARE_STATUS : 0)
                | mode << Csrs.MPP_SHIFT;
        program.machineVectored = choice.oneIn(3);
        program.supervisorVectored = choice.oneIn(3);
        protection.fill(program, protects);
        int delegated = choice.of(0, CsrSteps.MEDELEG, choice.word() & CsrSteps.MEDELEG)
                | (choice.oneIn(2) ? KnownDeparture.ACCESS_FAULTS : 0);
        int delegatedInterrupts = choice.of(0, 0x222, choice.word() & 0x222);
        int counters = choice.word();
        int supervisorCounters = choice.word();
        constant(Csrs.MEDELEG, delegated);
        constant(Csrs.MIDELEG, delegatedInterrupts);
        constant(Csrs.MCOUNTEREN, counters);
        constant(Csrs.SCOUNTEREN, supervisorCounters);
        constant(Csrs.STIMECMP, -1);
        constant(Csrs.STIMECMPH, -1);
        constant(Csrs.MENVCFGH, timer ? 1 << 31 : 0);
        if (choice.oneIn(4)) {
            constant(Csrs.MIE, 1 << interrupt);
        }
        if (program.paged) {
            program.csrs.put(Csrs.SATP, slot -> PrivilegeSteps.satp(slot + SlotLayout.ROOT_TABLE, asid));
        }
    }

    private void constant(int csr, int value) {
        program.csrs.put(csr, slot -> value);
    }

    private Step step() {
        int kind = choice.below(100);
        if (kind < 14) {
            return arithmetic.compute();
        }
        if (kind < 20) {
            return arithmetic.computeCompressed();
        }
        if (kind < 33) {
            return memory.loadOrStore();
        }
        if (kind < 36) {
            return privilege.modified(memory.loadOrStore());
        }
        if (kind < 42) {
            return memory.loadOrStoreCompressed();
        }
        if (kind < 48) {
            return memory.amo();
        }
        if (kind < 51) {
            return memory.reservation();
        }
        return kind < 66 ? control(kind - 51) : system(kind - 66);
    }

    private Step control(int kind) {
        return switch (kind) {
            case 0, 1 -> arithmetic.branch();
            case 2 -> arithmetic.branchCompressed();
            case 3, 4 -> arithmetic.jump();
            case 5, 6 -> arithmetic.illegal();
            case 7 -> arithmetic.selfModifying();
            case 8 -> arithmetic.fence();
            default -> arithmetic.call(places.routine());
        };
    }

    private Step system(int kind) {
        if (kind < 8) {
            return csrs.lasting();
        }
        return switch (kind) {
            case 8, 9 -> csrs.temporary();
            case 10, 11 -> csrs.read();
            case 12 -> csrs.writeReadOnly();
            case 13, 14 -> privilege.trap();
            case 15, 16 -> privilege.trapReturn();
            case 17 -> interrupt == Trap.SUPERVISOR_SOFTWARE ? privilege.waitBelowMachineMode()
                    : privilege.trapReturn();
            case 18 -> timer && interrupt == Trap.SUPERVISOR_TIMER ? privilege.timer()
                    : privilege.waitForInterrupt(interrupt);
            case 19 -> timer ? privilege.timer() : csrs.read();
            case 20 -> privilege.fence();
            case 21, 22, 23, 24 -> program.paged ? privilege.changeLeaf(asid) : memory.loadOrStore();
            case 25 -> program.paged ? privilege.changeRoot(asid) : memory.loadOrStore();
            case 26 -> protects ? protection.change() : csrs.lasting();
            default -> privilege.mode(choice.of(0, 1, 3));
        };
    }
}
