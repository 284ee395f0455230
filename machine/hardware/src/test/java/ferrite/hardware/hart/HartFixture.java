package ferrite.hardware.hart;

import ferrite.hardware.Assembler;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateWriter;

/** One hart with a little RAM from address 0 on, without turn and devices. */
final class HartFixture {

    static final int CODE = 0x1000;
    static final int DATA = 0x4000;
    static final int MACHINE_VECTOR = 0x8000;
    static final int SUPERVISOR_VECTOR = 0x9000;

    final Clock clock = new Clock();
    final PhysicalBus bus = new PhysicalBus(new Ram(0, 0x1_0000));
    final Hart hart = new Hart(3, clock, bus, CODE);

    HartFixture() {
        allowEverything(hart);
        write(Csrs.MTVEC, MACHINE_VECTOR);
        write(Csrs.STVEC, SUPERVISOR_VECTOR);
    }

    /** Sets PMP entry 15 so that S-mode and U-mode may access everything. */
    static void allowEverything(Hart hart) {
        hart.csrs().write(Csrs.PMPADDR0 + 15, -1, PrivilegeMode.M);
        hart.csrs().write(Csrs.PMPCFG0 + 3, 0x1f00_0000, PrivilegeMode.M);
    }

    /** Stores code at the hart's start address, and starts the hart there in M-mode. */
    HartFixture code(int... words) {
        new Assembler(bus, CODE).put(words);
        return at(CODE, PrivilegeMode.M);
    }

    HartFixture at(int pc, int mode) {
        hart.pc = pc;
        hart.mode = mode;
        return this;
    }

    HartFixture set(int register, int value) {
        hart.setRegister(register, value);
        return this;
    }

    /** Runs this number of instructions, or until the hart stops for another reason. */
    Hart.Stop run(int instructions) {
        long end = clock.now() + instructions;
        Hart.Stop stop = Hart.Stop.BUDGET_SPENT;
        while (clock.now() < end && stop == Hart.Stop.BUDGET_SPENT) {
            clock.fireDue();
            clock.grant(end - clock.now());
            stop = hart.run();
        }
        clock.fireDue();
        return stop;
    }

    /** Executes one instruction in M-mode with two operands. The result register is a0. */
    int execute(int word, int a1, int a2) {
        code(word).set(Assembler.A1, a1).set(Assembler.A2, a2).run(1);
        return hart.register(Assembler.A0);
    }

    int read(int csr) {
        return hart.csrs().read(csr, PrivilegeMode.M);
    }

    void write(int csr, int value) {
        int mode = hart.mode;
        hart.mode = PrivilegeMode.M;
        hart.writeCsr(csr, value);
        hart.mode = mode;
    }

    int word(int pa) {
        return bus.peek(pa, 4);
    }

    byte[] state() {
        StateWriter out = new StateWriter();
        hart.save(out);
        byte[] ram = new byte[0x1_0000];
        bus.peek(0, ram, 0, ram.length);
        out.putBytes(ram);
        return out.toBytes();
    }
}
