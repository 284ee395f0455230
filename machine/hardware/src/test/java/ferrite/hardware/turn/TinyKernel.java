package ferrite.hardware.turn;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.ZERO;

import ferrite.hardware.Assembler;
import ferrite.hardware.Machine;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.instruction.Instruction;
import java.util.function.IntConsumer;

/**
 * Minimal S-mode software in Java. Every hart comes through a few instructions of firmware to the gate, does its work,
 * and then waits for ever. Timer interrupts are counted in RAM and call a hook, as faults do.
 */
final class TinyKernel implements Supervisor, AutoCloseable {

    static final int RAM_BYTES = 0x10_0000;
    /** Addresses of the counters of firmware's handler and of the timer's handler, a word for each hart. */
    static final long FIRMWARE_TRAPS = 0x800;
    static final long TIMER_INTERRUPTS = 0x840;
    /** Address of memory for the tests' own use. */
    static final long SHARED = 0x8000;

    private static final int FIRMWARE_HANDLER = 0x200;
    private static final int TIMER_BIT = 1 << Trap.SUPERVISOR_TIMER;

    final Machine machine;
    final KernelMemory memory;
    final KernelCpu cpu;
    final Turn turn;
    private final IntConsumer work;
    /** Whether a handler may itself be interrupted. Then it keeps the registers that sret needs. */
    boolean nests = true;
    /** Hooks for interrupts and faults. */
    Runnable onTimer = this::timerOff;
    Runnable onSoftware = () -> { };
    java.util.function.Consumer<Trap> onFault = trap -> {
        throw trap;
    };

    TinyKernel(int harts, Interleavings interleaving, long seed,
            java.util.function.Function<TinyKernel, IntConsumer> work) {
        machine = new Machine(new Machine.Configuration(0, RAM_BYTES, harts, 0, interleaving, seed));
        memory = machine.memory();
        cpu = machine.cpu();
        turn = machine.turn();
        this.work = work.apply(this);
        firmware();
        turn.install(this);
    }

    /** Assembles the firmware: M-mode delegates all traps, and enters the gate in S-mode. */
    private void firmware() {
        Assembler boot = new Assembler(machine.bus(), 0);
        boot.csrw(Csrs.PMPADDR0, -1).csrw(Csrs.PMPCFG0, 0x1f).csrw(Csrs.MTVEC, FIRMWARE_HANDLER)
                .csrw(Csrs.MIDELEG, 0x222).csrw(Csrs.MEDELEG, 0xb1ff)
                .csrw(Csrs.MCOUNTEREN, 7).csrw(Csrs.MENVCFGH, 1L << 31).csrw(Csrs.MIE, 1 << Trap.MACHINE_SOFTWARE)
                .csrw(Csrs.MSTATUS, 1 << Csrs.MPP_SHIFT | Csrs.MPIE).csrw(Csrs.MEPC, Gate.ENTRY)
                .put(Assembler.csr(Instruction.CSRRS, A0, Csrs.MHARTID, ZERO), Instruction.MRET.match());
    }

    /** Returns an assembler at firmware's handler, which is empty at first. */
    Assembler firmwareHandler() {
        return new Assembler(machine.bus(), FIRMWARE_HANDLER);
    }

    @Override
    public void start(int hartId, long deviceTree) {
        cpu.csrWrite(Csrs.STVEC, Gate.TRAP_VECTOR);
        work.accept(hartId);
        waitForEver();
    }

    private void waitForEver() {
        cpu.irqDisable();
        cpu.csrWrite(Csrs.SIE, 0);
        for (;;) {
            cpu.wfi();
        }
    }

    @Override
    public void trap(int cause, int tval) {
        int sepc = cpu.csrRead(Csrs.SEPC);
        int sstatus = cpu.csrRead(Csrs.SSTATUS);
        if (cause == (Trap.INTERRUPT | Trap.SUPERVISOR_TIMER)) {
            long counter = TIMER_INTERRUPTS + 4L * cpu.hartId();
            memory.store32(counter, memory.load32(counter) + 1);
            onTimer.run();
        } else if (cause == (Trap.INTERRUPT | Trap.SUPERVISOR_SOFTWARE)) {
            cpu.csrClear(Csrs.SIP, 1 << Trap.SUPERVISOR_SOFTWARE);
            onSoftware.run();
        } else {
            onFault.accept(new Trap(cause, tval));
        }
        if (nests) {
            cpu.csrWrite(Csrs.SSTATUS, sstatus);
            cpu.csrWrite(Csrs.SEPC, sepc);
        }
        cpu.sret();
    }

    void timerAt(long tick) {
        cpu.csrWrite(Csrs.STIMECMPH, -1);
        cpu.csrWrite(Csrs.STIMECMP, (int) tick);
        cpu.csrWrite(Csrs.STIMECMPH, (int) (tick >>> 32));
    }

    void timerOff() {
        timerAt(-1);
    }

    void allowTimer() {
        cpu.csrSet(Csrs.SIE, TIMER_BIT);
        cpu.irqEnable();
    }

    /** Returns a word of the machine's RAM, without effect on the machine. */
    int word(long pa) {
        return machine.bus().peek(pa, 4);
    }

    /** Runs to the end, with a limit for tests that must not hang. */
    Turn.Stop run() {
        turn.limitInstructions(machine.clock().instructions() + 20_000_000);
        Turn.Stop stop = turn.run();
        if (stop == Turn.Stop.PANIC) {
            throw new AssertionError("the machine broke", turn.panic());
        }
        return stop;
    }

    @Override
    public void close() {
        machine.close();
    }
}
