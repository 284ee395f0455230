package ferrite.scenarios.qemu;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Hart;
import ferrite.translator.BytecodeTranslator;

/** Runs an image on one hart of Ferrite. */
final class OurRun {

    /** Several times the need of a program. A hart that uses them up is lost. */
    private static final long INSTRUCTIONS_PER_PROGRAM = 10_000;
    private static final long MORE_INSTRUCTIONS = 100_000;

    private final Clock clock = new Clock();
    private final PhysicalBus bus = new PhysicalBus(new Ram(SlotLayout.RAM_BASE & 0xffff_ffffL, SlotLayout.RAM_BYTES));
    private final Hart hart = new Hart(0, clock, bus, SlotLayout.RAM_BASE & 0xffff_ffffL);
    private boolean off;

    private OurRun(byte[] image) {
        bus.attach("finisher", SlotLayout.FINISHER, 0x1000, new Switch());
        bus.write(new BusMaster("loader", 34), ram(), image, 0, image.length);
    }

    private static long ram() {
        return SlotLayout.RAM_BASE & 0xffff_ffffL;
    }

    static Ended of(byte[] image, int programs) {
        return end(new OurRun(image), image, programs);
    }

    /** As {@link #of}, with the translator. */
    static Ended translated(byte[] image, int programs) {
        OurRun run = new OurRun(image);
        run.hart.translate(new BytecodeTranslator(), true);
        return end(run, image, programs);
    }

    private static Ended end(OurRun run, byte[] image, int programs) {
        run.run(MORE_INSTRUCTIONS + programs * INSTRUCTIONS_PER_PROGRAM);
        byte[] memory = new byte[image.length];
        run.bus.peek(ram(), memory, 0, memory.length);
        return new Ended(memory, run.off);
    }

    private void run(long instructions) {
        while (!off && clock.now() < instructions && hart.isRunnable()) {
            hart.setWaiting(false);
            clock.fireDue();
            clock.grant(Math.min(instructions - clock.now(), 1 << 20));
            hart.run();
        }
    }

    /** The test finisher. A store switches the machine off. */
    private final class Switch implements BusDevice {

        @Override
        public int load(long offset, int width) {
            return peek(offset, width);
        }

        @Override
        public int peek(long offset, int width) {
            throw new BusFault(offset, width, "programs must not access the test finisher");
        }

        @Override
        public void store(long offset, int width, int value) {
            off = true;
            clock.interruptSoon();
        }
    }
}
