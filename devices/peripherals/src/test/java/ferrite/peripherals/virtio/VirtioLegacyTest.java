package ferrite.peripherals.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import ferrite.hardware.bus.BusFault;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The legacy interface, used by a driver from before virtio 1.0, and by a hostile one. */
class VirtioLegacyTest {

    private static final int PAGE = 4096;
    private static final int SIZE = 8;
    private static final long QUEUE = VirtioRig.RAM + 0x4000;
    private static final long DRIVER = QUEUE + 16 * SIZE;

    private final VirtioRig rig = VirtioRig.legacy(clock -> new VirtioEntropy(1));

    private void begin() {
        rig.store(VirtioRegisters.STATUS, 0);
        rig.store(VirtioRegisters.STATUS, VirtioRegisters.ACKNOWLEDGE | VirtioRegisters.DRIVER);
    }

    private void setUp() {
        begin();
        rig.store(VirtioRegisters.GUEST_PAGE_SIZE, PAGE);
        rig.store(VirtioRegisters.QUEUE_SEL, 0);
        rig.store(VirtioRegisters.QUEUE_NUM, SIZE);
    }

    private void offer() {
        rig.descriptor(QUEUE, 0, VirtioRig.BUFFER, 32, VirtioRig.WRITE, 0);
        rig.bus.store(rig.hart, DRIVER + 2, 2, rig.bus.load(rig.hart, DRIVER + 2, 2) + 1);
        rig.notifyDevice(0);
        rig.finish();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 64, 4096, 8192})
    void theUsedRingLiesAtTheNextMultipleOfTheAlignment(int align) {
        setUp();
        if (align != 0) {
            rig.store(VirtioRegisters.QUEUE_ALIGN, align);
        }
        rig.store(VirtioRegisters.QUEUE_PFN, (int) (QUEUE / PAGE));
        assertThat(rig.load(VirtioRegisters.QUEUE_PFN)).isEqualTo((int) (QUEUE / PAGE));
        offer();                                       // before DRIVER_OK, as legacy drivers do
        long multiple = align == 0 ? PAGE : align;
        long used = (DRIVER + 6 + 2 * SIZE + multiple - 1) / multiple * multiple;
        assertThat(rig.bus.load(rig.hart, used + 2, 2)).isEqualTo(1);
        assertThat(rig.bus.load(rig.hart, used + 8, 4)).as("bytes written").isEqualTo(32);
        assertThat(rig.acknowledge()).isTrue();
        assertThat(rig.needsReset()).isFalse();
    }

    @Test
    void aResetTakesTheQueuesAndLeavesThePageSize() {
        setUp();
        rig.store(VirtioRegisters.QUEUE_PFN, (int) (QUEUE / PAGE));
        begin();
        assertThat(rig.load(VirtioRegisters.QUEUE_PFN)).isZero();
        rig.store(VirtioRegisters.QUEUE_NUM, SIZE);
        rig.store(VirtioRegisters.QUEUE_PFN, (int) (QUEUE / PAGE));
        assertThat(rig.needsReset()).as("Linux sets the page size before a reset").isFalse();
        rig.store(VirtioRegisters.QUEUE_PFN, 0);
        rig.notifyDevice(0);
        assertThat(rig.transport.broken()).isEqualTo("queue 0 is notified, but it is not ready");
    }

    @Test
    void onlyLowFeaturesAreOfferedAndOthersAreNotAccepted() {
        setUp();
        rig.store(VirtioRegisters.DEVICE_FEATURES_SEL, 1);
        assertThat(rig.load(VirtioRegisters.DEVICE_FEATURES)).isZero();
        rig.acceptFeatures(-1);
        assertThat(rig.transport.features().accepted()).isEqualTo(rig.transport.features().offered())
                .isLessThan(1L << 32);
    }

    private void breaks(String why, Runnable mistake) {
        setUp();
        mistake.run();
        assertThat(rig.transport.broken()).contains(why);
        assertThat(rig.needsReset()).isTrue();
    }

    private void store(int register, int value) {
        rig.store(register, value);
    }

    @Test
    void aMistakeIsTold() {
        begin();
        store(VirtioRegisters.QUEUE_NUM, SIZE);
        store(VirtioRegisters.QUEUE_PFN, 5);
        assertThat(rig.transport.broken()).isEqualTo("QueuePFN is written before GuestPageSize");
        for (int size : new int[] {0, 3, -1, Integer.MIN_VALUE}) {
            breaks("GuestPageSize is written as " + Integer.toUnsignedString(size) + "; a power of two below",
                    () -> store(VirtioRegisters.GUEST_PAGE_SIZE, size));
            breaks("QueueAlign is written as", () -> store(VirtioRegisters.QUEUE_ALIGN, size));
        }
        for (int number : new int[] {0, 3, 512, -1}) {
            breaks("would have " + Integer.toUnsignedString(number) + " descriptors", () -> {
                store(VirtioRegisters.QUEUE_NUM, number);
                store(VirtioRegisters.QUEUE_PFN, (int) (QUEUE / PAGE));
            });
        }
        for (int pfn : new int[] {1, 0x7ffff, 0x8_00ff, -1}) {
            breaks("of queue 0", () -> store(VirtioRegisters.QUEUE_PFN, pfn));
        }
        breaks("of queue 0", () -> {
            store(VirtioRegisters.GUEST_PAGE_SIZE, 1 << 30);
            store(VirtioRegisters.QUEUE_ALIGN, 1 << 30);
            store(VirtioRegisters.QUEUE_PFN, -1);
        });
        breaks("already ready", () -> {
            store(VirtioRegisters.QUEUE_PFN, (int) (QUEUE / PAGE));
            store(VirtioRegisters.QUEUE_PFN, (int) (QUEUE / PAGE));
        });
        breaks("queue 7 is selected", () -> {
            store(VirtioRegisters.QUEUE_SEL, 7);
            store(VirtioRegisters.QUEUE_ALIGN, 64);
        });
        setUp();
        assertThat(rig.needsReset()).as("after a reset it works again").isFalse();
    }

    @Test
    void eachInterfaceHasItsOwnRegisters() {
        for (int register : new int[] {VirtioRegisters.QUEUE_READY, VirtioRegisters.QUEUE_DESC_LOW,
            VirtioRegisters.CONFIG_GENERATION}) {
            assertThatThrownBy(() -> store(register, 1)).isInstanceOf(BusFault.class)
                    .hasMessageContaining("of the legacy interface has no register");
        }
        VirtioRig modern = VirtioRig.entropy();
        for (int register : new int[] {VirtioRegisters.GUEST_PAGE_SIZE, VirtioRegisters.QUEUE_ALIGN,
            VirtioRegisters.QUEUE_PFN}) {
            assertThatThrownBy(() -> modern.store(register, 1)).isInstanceOf(BusFault.class);
        }
    }

    @Test
    void theSetUpIsSaved() {
        setUp();
        store(VirtioRegisters.QUEUE_ALIGN, 64);
        store(VirtioRegisters.QUEUE_PFN, (int) (QUEUE / PAGE));
        byte[] state = rig.save();
        begin();
        store(VirtioRegisters.GUEST_PAGE_SIZE, 64);
        rig.restore(state);
        assertThat(rig.load(VirtioRegisters.QUEUE_PFN)).isEqualTo((int) (QUEUE / PAGE));
        assertThat(rig.save()).isEqualTo(state);
        offer();
        assertThat(rig.acknowledge()).isTrue();
    }

    @Test
    void noDriverCanDoMoreThanStopItsDevice() {
        Seed seed = Seed.fresh();
        int[] values = {0, 1, 2, 4, 8, 15, 64, 256, 4096, (int) (QUEUE / PAGE), 0x8_0000, -1, Integer.MIN_VALUE};
        for (int round = 0; round < 200; round++) {
            Random random = seed.random(round);
            for (int step = 0; step < 40; step++) {
                int register = 4 * random.nextInt(0x60 / 2);
                try {
                    store(register, random.nextInt(4) == 0 ? random.nextInt() : values[random.nextInt(values.length)]);
                    rig.load(4 * random.nextInt(0x60 / 2));
                } catch (BusFault noRegister) {
                    assertThat(noRegister).hasMessageContaining("register");
                }
                for (int event = 0; event < 20 && rig.clock.nextDue() != Long.MAX_VALUE; event++) {
                    rig.step();
                }
            }
            rig.restore(rig.save());
        }
    }
}
