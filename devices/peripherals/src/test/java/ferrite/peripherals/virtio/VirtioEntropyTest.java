package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioRig.BUFFER;
import static ferrite.peripherals.virtio.VirtioRig.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The entropy device (section 5.4). */
class VirtioEntropyTest {

    private static VirtioRig rig(long seed) {
        return new VirtioRig(clock -> new VirtioEntropy(seed)).start(0);
    }

    private static byte[] draw(VirtioRig rig, int length) {
        rig.descriptor(VirtioRig.table(0), 0, BUFFER, length, WRITE, 0);
        rig.send(0, 0);
        rig.finish();
        return rig.bytes(BUFFER, rig.usedLength(0, rig.used(0) - 1));
    }

    @Test
    void theSeedDecidesTheBytes() {
        VirtioRig one = rig(1);
        byte[] first = draw(one, 256);
        assertThat(draw(rig(1), 256)).isEqualTo(first);
        assertThat(draw(rig(2), 256)).isNotEqualTo(first);
        assertThat(draw(one, 256)).as("they go on").isNotEqualTo(first);
    }

    @Test
    void allBytesComeAboutEquallyOften() {
        VirtioRig rig = rig(1);
        int[] counts = new int[256];
        for (int i = 0; i < 64; i++) {
            for (byte value : draw(rig, 4096)) {
                counts[value & 0xff]++;
            }
        }
        for (int value = 0; value < 256; value++) {
            assertThat(counts[value]).as("byte %d, of 1024 expected", value).isBetween(850, 1200);
        }
    }

    @Test
    void aLargeBufferIsFilledInPart() {
        assertThat(draw(rig(1), 1)).hasSize(1);
        assertThat(draw(rig(1), 10_000)).hasSize(4096);
    }

    @ParameterizedTest
    @CsvSource({"0, 8, 1 buffers for the device to read", "2, 0, room for 0 bytes"})
    void aRequestHasRoomAndNothingElse(int flags, int length, String why) {
        VirtioRig rig = rig(1);
        rig.descriptor(VirtioRig.table(0), 0, BUFFER, length, flags, 0);
        rig.send(0, 0);
        assertThat(rig.transport.broken()).contains(why);
    }

    @Test
    void itGoesOnFromWhereItWasSaved() {
        VirtioRig rig = rig(1);
        draw(rig, 100);
        byte[] state = rig.save();
        byte[] next = draw(rig, 100);
        VirtioRig other = rig(7);
        other.fill(VirtioRig.RAM, rig.bytes(VirtioRig.RAM, VirtioRig.RAM_BYTES));
        other.restore(state);
        other.setAvailable(0, 1);
        assertThat(draw(other, 100)).isEqualTo(next);
    }
}
