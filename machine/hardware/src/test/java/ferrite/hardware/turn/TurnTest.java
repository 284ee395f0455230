package ferrite.hardware.turn;

import static ferrite.hardware.turn.TinyKernel.SHARED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Assembler;
import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.interrupt.Aclint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several harts with a kernel in Java: scheduling and interrupts. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TurnTest {

    // ---- waiting ----

    @Test
    void theMachineStopsWhenEveryHartWaitsForNothing() {
        try (TinyKernel kernel = new TinyKernel(3, Interleavings.RR, 1,
                k -> hart -> k.memory.store32(SHARED + 4L * hart, hart + 1))) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
            assertThat(kernel.word(SHARED) + kernel.word(SHARED + 4) + kernel.word(SHARED + 8)).isEqualTo(6);
            assertThat(kernel.run()).as("and again").isEqualTo(Turn.Stop.ALL_WAIT);
        }
    }

    @Test
    void timeJumpsToTheNextEventWhenEveryHartWaits() {
        try (TinyKernel kernel = new TinyKernel(2, Interleavings.RR, 1, k -> hart -> {
            k.timerAt(1_000_000L * (hart + 1));
            k.allowTimer();
            k.cpu.wfi();
            k.memory.store32(SHARED + 4L * hart, (int) k.cpu.time());
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
            assertThat(kernel.word(SHARED)).isBetween(1_000_000, 1_000_100);
            assertThat(kernel.word(SHARED + 4)).isBetween(2_000_000, 2_000_100);
            assertThat(kernel.word(TinyKernel.TIMER_INTERRUPTS)).isEqualTo(1);
            assertThat(kernel.machine.clock().instructions()).as("skipped time retires nothing").isLessThan(1000);
        }
    }

    @Test
    void runningUntilQuietStopsBeforeTimeJumps() {
        try (TinyKernel kernel = new TinyKernel(2, Interleavings.RR, 1, k -> hart -> {
            k.timerAt(1_000_000);
            k.allowTimer();
            k.cpu.wfi();
        })) {
            kernel.turn.limitInstructions(100_000);
            assertThat(kernel.turn.runUntilQuiet()).isEqualTo(Turn.Stop.QUIET);
            assertThat(kernel.machine.clock().now()).isLessThan(1_000_000);
            assertThat(kernel.turn.hart()).isNull();
            assertThat(kernel.turn.runUntilQuiet()).as("still").isEqualTo(Turn.Stop.QUIET);
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
            assertThat(kernel.machine.clock().now()).isGreaterThanOrEqualTo(1_000_000);
        }
    }

    @Test
    void waitingReturnsForAPendingInterruptThatMayNotBeTaken() {
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            k.timerAt(5000);
            k.cpu.csrSet(Csrs.SIE, 1 << Trap.SUPERVISOR_TIMER);
            k.cpu.wfi();
            k.memory.store32(SHARED, (int) k.cpu.time());
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
            assertThat(kernel.word(SHARED)).as("time jumped exactly there, and one tick was spent").isEqualTo(5001);
            assertThat(kernel.word(TinyKernel.TIMER_INTERRUPTS)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aSpinOnAWordThatAnotherHartWritesEndsUnderEveryPolicy(Interleavings interleaving) {
        for (int seed = 0; seed < 10; seed++) {
            int writer = seed % 4;
            try (TinyKernel kernel = new TinyKernel(4, interleaving, seed, k -> hart -> {
                if (hart == writer) {
                    for (int i = 0; i < 3000; i++) {
                        k.memory.load32(SHARED + 64);
                    }
                    k.memory.store32(SHARED, 1);
                } else {
                    while (k.memory.load32(SHARED) == 0) {
                        k.cpu.relax();
                    }
                    k.memory.amoAdd32(SHARED + 4, 1);
                }
            })) {
                assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
                assertThat(kernel.word(SHARED + 4)).isEqualTo(3);
                assertThat(kernel.machine.clock().instructions()).isLessThan(1_000_000);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void anAtomicCounterReachesTheExactTotal(Interleavings interleaving) {
        for (int harts : new int[] {1, 3, 8}) {
            try (TinyKernel kernel = new TinyKernel(harts, interleaving, harts, k -> hart -> {
                for (int i = 0; i < 2000; i++) {
                    k.memory.amoAdd32(SHARED, 1);
                }
            })) {
                assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
                assertThat(kernel.word(SHARED)).isEqualTo(2000 * harts);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aLockMadeOfAnAtomicSwapExcludes(Interleavings interleaving) {
        try (TinyKernel kernel = new TinyKernel(4, interleaving, 3, k -> hart -> {
            for (int i = 0; i < 500; i++) {
                while (k.memory.amoSwap32(SHARED, 1) != 0) {
                    k.cpu.relax();
                }
                k.memory.store32(SHARED + 4, k.memory.load32(SHARED + 4) + 1);
                k.memory.store32(SHARED, 0);
            }
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
            assertThat(kernel.word(SHARED + 4)).isEqualTo(2000);
        }
    }

    @Test
    void withoutALockRandomInterleavingLosesUpdates() {
        try (TinyKernel kernel = new TinyKernel(4, Interleavings.RANDOM, 3, k -> hart -> {
            for (int i = 0; i < 20_000; i++) {
                k.memory.store32(SHARED, k.memory.load32(SHARED) + 1);
            }
        })) {
            kernel.run();
            assertThat(kernel.word(SHARED)).as("harts interleave between a load and its store").isLessThan(80_000);
        }
    }

    @Test
    void everyAccessSpendsATickAndABulkOperationOneForEachWord() {
        List<Long> spent = new ArrayList<>();
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            List<Runnable> accesses = List.of(() -> k.memory.load8(SHARED), () -> k.memory.store16(SHARED, 1),
                    () -> k.memory.amoAdd32(SHARED, 1), () -> k.memory.store64(SHARED, 1),
                    () -> k.cpu.csrRead(Csrs.SIP), k.cpu::hartId, () -> k.memory.fill(SHARED, 1, 4096),
                    () -> k.memory.fill(SHARED + 2, 1, 9), () -> k.memory.fill(SHARED, 1, 0),
                    () -> k.memory.fill(SHARED - 1, 1, 5), () -> k.memory.copy(SHARED, SHARED + 4096, 100),
                    () -> k.memory.load32s(SHARED, new int[12]), () -> k.memory.store32s(SHARED, 1, 2, 3),
                    () -> k.cpu.irqRestore(k.cpu.irqSave()));
            for (Runnable access : accesses) {
                long before = k.cpu.time();
                access.run();
                spent.add(k.cpu.time() - before - 1);
            }
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
        }
        assertThat(spent).containsExactly(1L, 1L, 1L, 2L, 1L, 0L, 1024L, 3L, 0L, 2L, 50L, 12L, 3L, 1L);
    }

    /**
     * Operations of several words are one step only on the host. Other harts come between their words, as between
     * single accesses.
     */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void wordsThatAreLoadedOrStoredTogetherAreThatManyAccesses(Interleavings interleaving) {
        Random random = Seed.fresh().random(0);
        long seed = random.nextLong();
        List<Machine.Digest> digests = new ArrayList<>();
        for (boolean together : new boolean[] {true, false}) {
            try (TinyKernel kernel = new TinyKernel(3, interleaving, seed, k -> hart -> {
                int[] words = new int[16];
                for (int round = 0; round < 4000; round++) {
                    long from = SHARED + 4L * (round * 7 % 50);
                    long to = SHARED + 4L * ((round + hart) * 5 % 50);
                    if (together) {
                        k.memory.load32s(from, words);
                        words[0]++;
                        k.memory.store32s(to, words);
                    } else {
                        for (int i = 0; i < words.length; i++) {
                            words[i] = k.memory.load32(from + 4L * i);
                        }
                        words[0]++;
                        for (int i = 0; i < words.length; i++) {
                            k.memory.store32(to + 4L * i, words[i]);
                        }
                    }
                }
            })) {
                assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
                digests.add(kernel.machine.digest());
            }
        }
        assertThat(digests.get(1)).isEqualTo(digests.get(0));
    }

    @Test
    void anInterruptThatWaitedIsTakenWhenInterruptsAreAllowedAgain() {
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            k.timerAt(1);
            k.allowTimer();
            k.memory.load32(SHARED);
            int before = k.memory.load32(TinyKernel.TIMER_INTERRUPTS);
            int saved = k.cpu.irqSave();
            k.timerAt(1);
            k.memory.store32(SHARED, k.memory.load32(TinyKernel.TIMER_INTERRUPTS) - before);
            k.memory.store32(SHARED + 4, k.cpu.irqsEnabled() ? 1 : 0);
            int again = k.cpu.irqSave();
            k.cpu.irqRestore(again);
            k.memory.store32(SHARED + 8, k.memory.load32(TinyKernel.TIMER_INTERRUPTS) - before);
            k.cpu.irqRestore(saved);
            k.memory.store32(SHARED + 12, k.memory.load32(TinyKernel.TIMER_INTERRUPTS) - before);
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
            assertThat(List.of(kernel.word(SHARED), kernel.word(SHARED + 4), kernel.word(SHARED + 8),
                    kernel.word(SHARED + 12))).containsExactly(0, 0, 0, 1);
        }
    }

    // ---- interrupts ----

    @Test
    void theTimerInterruptsBetweenAnyTwoAccesses() {
        List<Integer> interruptedAt = new ArrayList<>();
        int[] access = new int[1];
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            k.onTimer = () -> {
                interruptedAt.add(access[0]);
                k.timerOff();
            };
            k.cpu.csrSet(Csrs.SIE, 1 << Trap.SUPERVISOR_TIMER);
            for (int delay = 10; delay < 40; delay++) {
                k.timerAt(k.cpu.time() + delay);
                k.cpu.irqEnable();
                for (access[0] = 0; access[0] < 50; access[0]++) {
                    k.memory.load32(SHARED);
                }
                k.cpu.irqDisable();
            }
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
        }
        assertThat(interruptedAt).hasSize(30);
        for (int i = 1; i < interruptedAt.size(); i++) {
            assertThat(interruptedAt.get(i)).isEqualTo(interruptedAt.get(0) + i);
        }
    }

    @Test
    void interruptsNestAndEndInTheReverseOrder() {
        List<String> seen = new ArrayList<>();
        int[] depth = new int[1];
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            k.onTimer = () -> {
                int mine = ++depth[0];
                seen.add("in " + mine);
                k.timerAt(mine < 4 ? k.cpu.time() + 20 : -1);
                k.cpu.irqEnable();
                for (int i = 0; i < 100; i++) {
                    k.memory.load32(SHARED);
                }
                k.cpu.irqDisable();
                seen.add("out " + mine);
            };
            k.timerAt(1000);
            k.allowTimer();
            while (k.memory.load32(TinyKernel.TIMER_INTERRUPTS) < 4) {
                k.cpu.relax();
            }
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
        }
        assertThat(seen).containsExactly("in 1", "in 2", "in 3", "in 4", "out 4", "out 3", "out 2", "out 1");
    }

    @Test
    void anInterruptThatCameDuringAFaultsHandlerIsTakenRightAfterIt() {
        List<String> seen = new ArrayList<>();
        long root = 0x4000;
        long page = 0xc000_0000L;
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            k.onTimer = () -> {
                seen.add("timer");
                k.timerOff();
            };
            k.nests = false;
            k.onFault = fault -> {
                seen.add("fault " + fault.cause());
                k.timerAt(0);
                k.memory.store32(root + 4 * (page >>> 22), 0xcf);       // physical 0, readable and writable
                k.cpu.sfenceVma();
            };
            k.memory.store32(root, 0xcf);                              // the first 4 MiB, where they are
            k.cpu.csrWrite(Csrs.SATP, 1 << 31 | (int) (root >>> 12));
            k.allowTimer();
            k.memory.load32(page + SHARED);
            seen.add("loaded");
            k.memory.load32(SHARED);
            seen.add("loaded again");
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
        }
        assertThat(seen).containsExactly("fault " + Trap.LOAD_PAGE_FAULT, "loaded", "timer", "loaded again");
    }

    @Test
    void aBulkOperationIsRepeatedFromTheFaultingPageOn() {
        long root = 0x4000;
        long table = 0x5000;
        long page = 0xc000_0000L;
        List<Integer> faults = new ArrayList<>();
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            k.onFault = fault -> {
                faults.add(fault.tval());
                k.memory.store32(table + (fault.tval() >>> 10 & 0xffc), fault.tval() >>> 2 & 0x3ffc00 | 0xcf);
                k.cpu.sfenceVma(fault.tval() & 0xffff_ffffL);
            };
            k.memory.store32(root, 0xcf);
            k.memory.store32(root + 4 * (page >>> 22), (int) (table >>> 12 << 10) | 1);
            k.cpu.csrWrite(Csrs.SATP, 1 << 31 | (int) (root >>> 12));
            byte[] bytes = new byte[8193];
            new Random(1).nextBytes(bytes);
            k.memory.write(page + 0x8fff, bytes, 0, bytes.length);
            byte[] back = new byte[8193];
            k.memory.read(0x8fff, back, 0, back.length);
            assertThat(back).isEqualTo(bytes);
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
        }
        assertThat(faults).containsExactly(0xc000_8fff, 0xc000_9000, 0xc000_a000);
    }

    @Test
    void anAtomicOperationFaultsAsAStore() {
        List<Integer> causes = new ArrayList<>();
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            class Repaired extends RuntimeException {
                private static final long serialVersionUID = 1;
            }
            k.onFault = fault -> {
                causes.add(fault.cause());
                throw new Repaired();
            };
            for (long va : new long[] {SHARED + 2, 0x9000_0000L}) {
                try {
                    k.memory.amoAdd32(va, 1);
                } catch (Repaired fault) {
                    causes.add(-1);
                }
            }
        })) {
            kernel.run();
        }
        assertThat(causes).containsExactly(Trap.STORE_MISALIGNED, -1, Trap.STORE_ACCESS_FAULT, -1);
    }

    @Test
    void firmwareInterruptsJavaAndPassesAnInterruptOn() {
        List<String> seen = new ArrayList<>();
        long mswi = 0xf000_0000L;
        try (TinyKernel kernel = new TinyKernel(2, Interleavings.RR, 1, k -> hart -> {
            k.onSoftware = () -> seen.add("software interrupt on " + k.cpu.hartId());
            k.cpu.csrSet(Csrs.SIE, 1 << Trap.SUPERVISOR_SOFTWARE);
            if (hart == 1) {
                k.cpu.irqEnable();
                k.memory.store32(mswi + 4, 1);
                k.memory.load32(SHARED);
                seen.add("after");
            }
        })) {
            kernel.machine.bus().attach("mswi", mswi, Aclint.SWI_BYTES,
                    new Aclint(kernel.machine.clock(), kernel.machine.harts()).mswi());
            // counts, clears its own interrupt, and raises SSIP
            kernel.firmwareHandler()
                    .put(Assembler.csr(Instruction.CSRRW, 0, Csrs.MSCRATCH, Assembler.T0))
                    .li(Assembler.T0, TinyKernel.FIRMWARE_TRAPS)
                    .put(Assembler.s(Instruction.SW, Assembler.T0, Assembler.T0, 4))
                    .li(Assembler.T0, mswi)
                    .put(Assembler.s(Instruction.SW, 0, Assembler.T0, 4))
                    .put(Assembler.csr(Instruction.CSRRSI, 0, Csrs.MIP, 2))
                    .put(Assembler.csr(Instruction.CSRRS, Assembler.T0, Csrs.MSCRATCH, 0))
                    .put(Instruction.MRET.match());
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
            assertThat(kernel.word(TinyKernel.FIRMWARE_TRAPS + 4)).isEqualTo((int) TinyKernel.FIRMWARE_TRAPS);
        }
        assertThat(seen).containsExactly("software interrupt on 1", "after");
    }

    @Test
    void firmwareThatReturnsToTheWrongGateAddressIsAPanicAndNotAHang() {
        long mswi = 0xf000_0000L;
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            k.memory.store32(mswi, 1);
            k.memory.load32(SHARED);
        })) {
            kernel.machine.bus().attach("mswi", mswi, Aclint.SWI_BYTES,
                    new Aclint(kernel.machine.clock(), kernel.machine.harts()).mswi());
            kernel.firmwareHandler().csrw(Csrs.MIE, 0).csrw(Csrs.MEPC, 0xff80_0100L).put(Instruction.MRET.match());
            assertThat(kernel.turn.run()).isEqualTo(Turn.Stop.PANIC);
            assertThat(kernel.turn.panic()).hasMessageContaining("gate address 0xff800100");
        }
    }

    // ---- ends ----

    @Test
    void whatTheKernelThrowsIsAPanic() {
        IllegalStateException broken = new IllegalStateException("broken");
        try (TinyKernel kernel = new TinyKernel(2, Interleavings.RR, 1, k -> hart -> {
            throw broken;
        })) {
            assertThat(kernel.turn.run()).isEqualTo(Turn.Stop.PANIC);
            assertThat(kernel.turn.panic()).isSameAs(broken);
            assertThat(kernel.turn.run()).as("it stays broken").isEqualTo(Turn.Stop.PANIC);
        }
    }

    @Test
    void closingEndsEveryThreadAndChangesNothingInTheMachine() throws InterruptedException {
        AtomicInteger alive = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        TinyKernel kernel = new TinyKernel(8, Interleavings.RANDOM, 1, k -> hart -> {
            threads.add(Thread.currentThread());
            alive.incrementAndGet();
            try {
                for (;;) {
                    k.memory.amoAdd32(SHARED, 1);
                }
            } finally {
                alive.decrementAndGet();
                try {
                    k.memory.store32(SHARED + 4, 99);
                } finally {
                    k.cpu.sret();
                }
            }
        });
        kernel.turn.limitInstructions(100_000);
        assertThat(kernel.turn.run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
        assertThat(alive.get()).isEqualTo(8);
        Machine.Digest digest = kernel.machine.digest();
        int[] modes = kernel.machine.harts().stream()
                .mapToInt(hart -> hart.mode() * 1000 + hart.csrs().mstatus() % 1000).toArray();
        kernel.close();
        assertThat(alive.get()).isZero();
        assertThat(kernel.machine.digest()).isEqualTo(digest);
        assertThat(kernel.machine.harts().stream().mapToInt(hart -> hart.mode() * 1000 + hart.csrs().mstatus() % 1000)
                .toArray()).as("an sret on the way out changes nothing").isEqualTo(modes);
        assertThat(kernel.turn.panic()).isNull();
        for (Thread thread : threads) {
            thread.join(5000);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Test
    void closingAMachineWhoseHartsAllWaitEndsItsThreadsToo() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        TinyKernel kernel = new TinyKernel(3, Interleavings.RR, 1, k -> hart -> threads.add(Thread.currentThread()));
        kernel.run();
        kernel.close();
        assertThat(threads).hasSize(3);
        for (Thread thread : threads) {
            thread.join(5000);
            assertThat(thread.isAlive()).isFalse();
        }
        assertThat(kernel.turn.panic()).isNull();
    }

    // ---- strands ----

    @Test
    void strandsHandAHartToEachOtherAndEnd() {
        StringBuilder seen = new StringBuilder();
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            Strand main = k.turn.strands().on(k.turn.hart().id());
            Strand[] tasks = new Strand[2];
            for (int i = 0; i < 2; i++) {
                int me = i;
                tasks[i] = k.turn.strands().newStrand("task " + i, () -> {
                    for (int round = 0; round < 3; round++) {
                        seen.append(me);
                        k.memory.load32(SHARED);
                        k.turn.strands().switchTo(main);
                    }
                    k.turn.strands().endWith(main);
                });
            }
            for (int round = 0; round < 4; round++) {
                seen.append('m');
                k.turn.strands().switchTo(tasks[0]);
                k.turn.strands().switchTo(tasks[1]);
            }
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
        }
        assertThat(seen).hasToString("m01m01m01m");
    }

    // ---- snapshots ----

    /** Creates a machine with code that counts and waits for the timer, for ever. */
    private static Machine counter(int harts, Interleavings interleaving) {
        Machine machine = new Machine(new Machine.Configuration(0, 0x10_0000, harts, 0, interleaving, 5));
        new Assembler(machine.bus(), 0).csrw(Csrs.MENVCFGH, 1L << 31).csrw(Csrs.MIE, 1 << Trap.SUPERVISOR_TIMER)
                .csrw(Csrs.STIMECMPH, 0).li(Assembler.S0, SHARED)
                .put(Assembler.csr(Instruction.CSRRS, Assembler.T1, Csrs.MHARTID, 0),
                        Assembler.i(Instruction.SLLI, Assembler.T1, Assembler.T1, 2),
                        Assembler.r(Instruction.ADD, Assembler.S0, Assembler.S0, Assembler.T1),
                        Assembler.i(Instruction.LW, Assembler.T0, Assembler.S0, 0),          // the loop
                        Assembler.i(Instruction.ADDI, Assembler.T0, Assembler.T0, 1),
                        Assembler.s(Instruction.SW, Assembler.T0, Assembler.S0, 0),
                        Assembler.csr(Instruction.CSRRS, Assembler.T1, Csrs.TIME, 0),
                        // all harts wake in the same tick
                        Assembler.i(Instruction.ORI, Assembler.T1, Assembler.T1, 0x3ff),
                        Assembler.csr(Instruction.CSRRW, 0, Csrs.STIMECMP, Assembler.T1),
                        Instruction.WFI.match(), Assembler.j(Instruction.JAL, 0, -28));
        return machine;
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aRestoredMachineGoesOnAsItDid(Interleavings interleaving) {
        try (Machine machine = counter(3, interleaving)) {
            machine.turn().limitInstructions(1000);
            machine.turn().run();
            assertThat(machine.turn().runUntilQuiet()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
            machine.turn().limitInstructions(100_000);
            assertThat(machine.turn().runUntilQuiet()).isEqualTo(Turn.Stop.QUIET);
            Machine.Snapshot snapshot = machine.snapshot();
            Machine.Digest before = machine.digest();
            machine.turn().limitInstructions(5000);
            machine.turn().run();
            Machine.Digest after = machine.digest();
            assertThat(after).isNotEqualTo(before);
            for (int again = 0; again < 10; again++) {
                machine.restore(snapshot);
                assertThat(machine.digest()).isEqualTo(before);
                machine.turn().limitInstructions(before.instructions() + 7 * again);
                machine.turn().run();
                machine.restore(snapshot);
                machine.turn().limitInstructions(5000);
                machine.turn().run();
                assertThat(machine.digest()).isEqualTo(after);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void theTimeEndsAtItsTickWhetherHartsRunOrWait(Interleavings interleaving) {
        try (Machine machine = counter(3, interleaving)) {
            for (int tick : new int[] {100, 777, 778, 5000}) {
                machine.turn().limits().limitTime(tick);
                assertThat(machine.turn().run()).isEqualTo(Turn.Stop.TIME_LIMIT);
                assertThat(machine.turn().run()).as("once more").isEqualTo(Turn.Stop.TIME_LIMIT);
                assertThat(machine.clock().now()).isEqualTo(tick);
            }
            machine.turn().limitInstructions(machine.clock().instructions() + 5000);
            machine.turn().limits().limitTime(Long.MAX_VALUE);
            machine.turn().run();
            Machine.Digest stopped = machine.digest();
            try (Machine other = counter(3, interleaving)) {
                other.turn().limitInstructions(stopped.instructions());
                assertThat(other.turn().run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
                assertThat(other.digest()).as("the stops have changed nothing").isEqualTo(stopped);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void machineCodeCanBeSavedAtAnyInstructionAndGoesOnInAnotherMachineAsItDid(Interleavings interleaving)
            throws IOException {
        for (int moment = 0; moment < 40; moment++) {
            try (Machine machine = counter(3, interleaving); Machine another = counter(3, interleaving)) {
                Machine.Snapshot atPowerOn = machine.snapshotForReset();
                machine.turn().limitInstructions(7 * moment + moment * moment * moment / 2);
                machine.turn().run();
                BusMaster loader = new BusMaster("loader", 32);
                machine.forEachPageChangedSince(atPowerOn,
                        (pa, bytes) -> another.bus().write(loader, pa, bytes, 0, bytes.length));
                another.restoreParts(machine.saveParts());
                assertThat(another.digest()).isEqualTo(machine.digest());
                for (Machine each : List.of(machine, another)) {
                    each.turn().limitInstructions(50_000);
                    each.turn().run();
                }
                assertThat(another.digest()).as("saved at moment " + moment).isEqualTo(machine.digest());
            }
        }
    }

    @Test
    void aSnapshotIsRefusedWhileJavaRunsOnAHart() {
        try (TinyKernel kernel = new TinyKernel(2, Interleavings.RR, 1, k -> hart -> {
            for (int i = 0; i < 1000; i++) {
                k.memory.amoAdd32(SHARED, 1);
            }
        })) {
            kernel.turn.limitInstructions(500);
            kernel.turn.run();
            assertThatThrownBy(kernel.machine::snapshot).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is running");
        }
    }

    @Test
    void aKernelAttachesAnewAfterARestore() {
        try (TinyKernel kernel = new TinyKernel(2, Interleavings.RR, 1, k -> hart -> k.memory.amoAdd32(SHARED, 1))) {
            kernel.run();
            Machine.Snapshot snapshot = kernel.machine.snapshot();
            for (int again = 0; again < 2; again++) {
                kernel.machine.restore(snapshot);
                for (int hart = 0; hart < 2; hart++) {
                    kernel.turn.strands().bind(hart, kernel.turn.strands().newStrand("again " + hart, () -> {
                        kernel.memory.amoAdd32(SHARED, 10);
                        kernel.cpu.csrWrite(Csrs.SIE, 0);
                        for (;;) {
                            kernel.cpu.wfi();
                        }
                    }));
                    kernel.machine.harts().get(hart).setWaiting(false);
                }
                assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
                assertThat(kernel.word(SHARED)).isEqualTo(22);
            }
        }
    }

    @Test
    void withoutASupervisorTheGateIsNotThere() {
        try (Machine machine = new Machine(new Machine.Configuration(0, 0x1000, 1, 0, Interleavings.RR, 0))) {
            new Assembler(machine.bus(), 0).csrw(Csrs.MTVEC, 0x100).csrw(Csrs.MSTATUS, 1 << Csrs.MPP_SHIFT)
                    .csrw(Csrs.MEPC, 0xff80_0000L).put(Instruction.MRET.match());
            new Assembler(machine.bus(), 0x100).put(Instruction.WFI.match());
            assertThat(machine.turn().run()).isEqualTo(Turn.Stop.ALL_WAIT);
            assertThat(machine.harts().get(0).csrs().read(Csrs.MCAUSE, PrivilegeMode.M))
                    .isEqualTo(Trap.INSTRUCTION_ACCESS_FAULT);
        }
    }

    // ---- posts ----

    @Test
    void aPostIsServedByTheThreadThatHoldsTheTurn() throws InterruptedException {
        List<Thread> served = new ArrayList<>();
        List<Thread> harts = new ArrayList<>();
        try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            harts.add(Thread.currentThread());
            for (;;) {
                k.memory.load32(SHARED);
            }
        })) {
            kernel.turn.limitInstructions(1000);
            kernel.turn.run();
            kernel.turn.limitInstructions(Long.MAX_VALUE);
            Thread other = new Thread(() -> kernel.turn.posts().add(() -> {
                served.add(Thread.currentThread());
                kernel.turn.stop(Turn.Stop.HALTED);
            }));
            other.start();
            assertThat(kernel.turn.run()).isEqualTo(Turn.Stop.HALTED);
            assertThat(served).isEqualTo(harts);
            kernel.turn.posts().add(() -> served.add(null));
            kernel.turn.posts().serveOne();
            assertThat(served).hasSize(2);
            other.join();
        }
    }

    @Test
    void afterTheEndOfARunAPostIsRefusedAndNoneIsForgotten() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            try (TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> k.memory.store32(SHARED, 1))) {
                kernel.run();
                AtomicInteger served = new AtomicInteger();
                AtomicInteger refused = new AtomicInteger();
                Thread other = new Thread(() -> {
                    for (int i = 0; i < 100; i++) {
                        try {
                            kernel.turn.posts().add(served::incrementAndGet);
                        } catch (RejectedExecutionException e) {
                            refused.incrementAndGet();
                        }
                    }
                });
                other.start();
                kernel.turn.posts().refuse();
                other.join();
                assertThat(served.get() + refused.get()).as("round " + round).isEqualTo(100);
                assertThatThrownBy(() -> kernel.turn.posts().add(() -> { }))
                        .isInstanceOf(RejectedExecutionException.class).hasMessageContaining("has ended");
            }
        }
    }

    @Test
    void theInstructionLimitIsExact() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        try (TinyKernel kernel = new TinyKernel(3, Interleavings.RANDOM, 1, k -> hart -> {
            byte[] bytes = new byte[1000];
            for (;;) {
                k.memory.load32(SHARED);
                k.memory.read(SHARED, bytes, 0, bytes.length);
            }
        })) {
            for (long limit = 100; limit < 100_000; limit += 1 + random.nextInt(1000)) {
                kernel.turn.limitInstructions(limit);
                assertThat(kernel.turn.run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
                assertThat(kernel.machine.clock().instructions()).as(seed.replay(limit)).isEqualTo(limit);
            }
        }
    }
}
