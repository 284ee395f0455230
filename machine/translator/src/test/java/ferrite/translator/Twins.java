package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** Two equal harts with a little RAM each: one is interpreted, and one is translated. */
final class Twins {

    static final int CODE = 0x1000;
    static final int DATA = 0x4000;
    static final int HANDLER = 0x8000;
    /** A device whose registers count the accesses, and interrupt on a store of an odd value. */
    static final int DEVICE = 0x2_0000;
    static final int RAM_BYTES = 0x1_0000;
    /** An address without RAM or a device. */
    static final int NOWHERE = 0x8_0000;

    private static final BusMaster LOADER = new BusMaster("loader", 34);
    private static final int MSTATUS = 0x300;
    private static final int MSTATUS_MIE = 8;
    private static final int MIE = 0x304;
    private static final int MTVEC = 0x305;
    private static final int SATP = 0x180;
    private static final int PMPCFG3 = 0x3a3;
    private static final int PMPADDR15 = 0x3bf;
    private static final int SOFTWARE_INTERRUPT = 3;

    /** One of the two. */
    static final class Twin {

        final Clock clock = new Clock();
        final PhysicalBus bus = new PhysicalBus(new Ram(0, RAM_BYTES));
        final Hart hart = new Hart(0, clock, bus, CODE);
        private int accesses;

        private Twin() {
            hart.csrs().write(PMPADDR15, -1, PrivilegeMode.M);
            hart.csrs().write(PMPCFG3, 0x1f00_0000, PrivilegeMode.M);
            hart.csrs().write(MTVEC, HANDLER, PrivilegeMode.M);
            bus.attach("counter", DEVICE, 0x1000, new Counter());
        }

        private void run(int ticks) {
            clock.fireDue();
            clock.grant(ticks);
            hart.setWaiting(false);                    // as the turn does
            hart.run();
        }

        private byte[] state() {
            StateWriter out = new StateWriter();
            hart.save(out);
            out.put64(clock.now());
            out.put32(accesses);
            byte[] ram = new byte[RAM_BYTES];
            bus.peek(0, ram, 0, ram.length);
            out.putBytes(ram);
            return out.toBytes();
        }

        private final class Counter implements BusDevice {

            @Override
            public int load(long offset, int width) {
                accesses++;
                return (int) clock.now();
            }

            @Override
            public int peek(long offset, int width) {
                return 0;
            }

            @Override
            public void store(long offset, int width, int value) {
                accesses++;
                hart.setInterruptWire(SOFTWARE_INTERRUPT, (value & 1) != 0);
                if ((value & 2) != 0) {
                    clock.interruptSoon();
                }
            }
        }
    }

    final Twin interpreted = new Twin();
    final Twin translated = new Twin();
    private final List<Twin> both = List.of(interpreted, translated);

    private final boolean raw;
    /** The regions that are not made yet, if they are made late. */
    private final Queue<Runnable> unmade = new ArrayDeque<>();
    private boolean late;

    Twins() {
        this(RawPages.UNSAFE != null);
    }

    /** @param raw whether translated code reaches pages by {@link RawPages} */
    Twins(boolean raw) {
        this.raw = raw;
        translate(true, true);
    }

    /** Switches the translator of the second hart. */
    void translate(boolean on, boolean eager) {
        translated.hart.translate(on ? new BytecodeTranslator(this::execute, raw) : null, eager);
    }

    private void execute(Runnable making) {
        unmade.add(making);
        if (!late) {
            makeRegions();
        }
    }

    /** From now on, regions are not made before {@link #makeRegions}, as another thread might do it. */
    Twins makeLate() {
        late = true;
        return this;
    }

    void makeRegions() {
        while (!unmade.isEmpty()) {
            unmade.remove().run();
        }
    }

    /** Enables the interrupt of the device. */
    Twins takeInterrupts() {
        both.forEach(twin -> {
            twin.hart.csrs().write(MIE, 1 << SOFTWARE_INTERRUPT, PrivilegeMode.M);
            twin.hart.csrs().write(MSTATUS, MSTATUS_MIE, PrivilegeMode.M);
        });
        return this;
    }

    Twins code(int pa, int... words) {
        for (Twin twin : both) {
            for (int i = 0; i < words.length; i++) {
                twin.bus.store(LOADER, pa + 4 * i, 4, words[i]);
            }
        }
        return this;
    }

    Twins set(int register, int value) {
        both.forEach(twin -> twin.hart.setRegister(register, value));
        return this;
    }

    Twins satp(int value) {
        both.forEach(twin -> twin.hart.csrs().write(SATP, value, PrivilegeMode.M));
        return this;
    }

    Twins at(int pc) {
        both.forEach(twin -> twin.hart.setPc(pc));
        return this;
    }

    /** Runs both, and compares everything that software and snapshots can see. */
    Twins run(int ticks, Object what) {
        both.forEach(twin -> twin.run(ticks));
        for (int register = 1; register < 32; register++) {
            assertThat(translated.hart.register(register)).as("x%d after %s", register, what)
                    .isEqualTo(interpreted.hart.register(register));
        }
        assertThat(translated.hart.pc()).as("pc after %s", what).isEqualTo(interpreted.hart.pc());
        assertThat(translated.state()).as("state after %s", what).isEqualTo(interpreted.state());
        return this;
    }

    /** Saves both harts, and restores each from the state of the other. */
    void exchangeStates() {
        List<byte[]> states = new ArrayList<>();
        for (Twin twin : both) {
            StateWriter out = new StateWriter();
            twin.hart.save(out);
            states.add(out.toBytes());
        }
        interpreted.hart.restore(new StateReader(states.get(1), null));
        translated.hart.restore(new StateReader(states.get(0), null));
    }
}
