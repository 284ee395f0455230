package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioRig.BUFFER;
import static ferrite.peripherals.virtio.VirtioRig.EVENT_IDX;
import static ferrite.peripherals.virtio.VirtioRig.INDIRECT;
import static ferrite.peripherals.virtio.VirtioRig.INDIRECT_DESC;
import static ferrite.peripherals.virtio.VirtioRig.NEXT;
import static ferrite.peripherals.virtio.VirtioRig.RAM;
import static ferrite.peripherals.virtio.VirtioRig.RAM_BYTES;
import static ferrite.peripherals.virtio.VirtioRig.SIZE;
import static ferrite.peripherals.virtio.VirtioRig.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusMaster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Split virtqueues (section 2.7) of an entropy device, which writes into every buffer that it gets. */
class VirtQueueTest {

    private static final long TABLE = VirtioRig.table(0);
    private static final int ROUNDS = 70_000;

    private final VirtioRig rig = VirtioRig.entropy();

    private void writable(int index, int length) {
        rig.descriptor(TABLE, index, BUFFER + 0x1000L * index, length, WRITE, 0);
    }

    private void requireBroken(String why) {
        rig.finish();
        assertThat(rig.needsReset()).as("needs a reset").isTrue();
        assertThat(rig.transport.broken()).contains(why);
        assertThat(rig.load(VirtioRegisters.INTERRUPT_STATUS) & VirtioRegisters.CONFIGURATION_CHANGE).isNotZero();
        assertThat(rig.used(0)).isZero();
        assertThat(rig.bytes(BUFFER, 0x1000)).as("nothing was written").containsOnly(0);
    }

    // ---- chains ----

    @Test
    void chainsAreUsedInOrderWithTheirHeadsAndLengths() {
        rig.start(0);
        writable(3, 5);
        writable(6, 0x900);
        rig.descriptor(TABLE, 1, BUFFER, 3, WRITE | NEXT, 5);
        rig.descriptor(TABLE, 5, BUFFER + 0x100, 4, WRITE | NEXT, 0);
        rig.descriptor(TABLE, 0, BUFFER + 0x200, 2, WRITE, 7);
        for (int head : new int[] {3, 1, 6}) {
            rig.offer(0, head);
        }
        rig.notifyDevice(0);
        assertThat(rig.used(0)).as("it takes time").isZero();
        rig.step();
        assertThat(rig.used(0)).as("one after the other").isEqualTo(1);
        rig.finish();
        assertThat(rig.used(0)).isEqualTo(3);
        int[][] expected = {{3, 5}, {1, 9}, {6, 0x900}};
        for (int i = 0; i < 3; i++) {
            assertThat(rig.usedId(0, i)).isEqualTo(expected[i][0]);
            assertThat(rig.usedLength(0, i)).isEqualTo(expected[i][1]);
        }
        assertThat(rig.bytes(BUFFER + 0x100, 8)).as("no byte after the second part was written").endsWith(0, 0, 0, 0)
                .isNotEqualTo(new byte[8]);
        assertThat(rig.bytes(BUFFER + 0x202, 8)).containsOnly(0);
    }

    @Test
    void anIndirectTableHasAChainAndItsDescriptorsWriteFlagMeansNothing() {
        rig.start(INDIRECT_DESC);
        long table = BUFFER + 0x8001;                  // need not be aligned
        byte[] descriptors = new byte[3 * 16];
        long at = BUFFER + 0x7000;
        rig.descriptor(at, 0, BUFFER, 8, WRITE | NEXT, 2);
        rig.descriptor(at, 2, BUFFER + 0x100, 8, WRITE, 0);
        System.arraycopy(rig.bytes(at, descriptors.length), 0, descriptors, 0, descriptors.length);
        rig.fill(table, descriptors);
        rig.descriptor(TABLE, 2, table, 3 * 16, INDIRECT | WRITE, 0);
        rig.send(0, 2);
        rig.finish();
        assertThat(rig.usedId(0, 0)).isEqualTo(2);
        assertThat(rig.usedLength(0, 0)).isEqualTo(16);
        assertThat(rig.bytes(BUFFER + 0x100, 8)).isNotEqualTo(new byte[8]);
    }

    @Test
    void descriptorsMayLeadToAnIndirectTableAtTheirEnd() {
        rig.start(INDIRECT_DESC);
        rig.descriptor(BUFFER + 0x7000, 0, BUFFER + 0x100, 8, WRITE, 0);
        rig.descriptor(TABLE, 0, BUFFER, 8, WRITE | NEXT, 1);
        rig.descriptor(TABLE, 1, BUFFER + 0x7000, 16, INDIRECT, 0);
        rig.send(0, 0);
        rig.finish();
        assertThat(rig.usedLength(0, 0)).isEqualTo(16);
    }

    @Test
    void whatIsWrittenIntoDescriptorsWhileTheirChainIsInFlightChangesNothing() {
        rig.start(0);
        writable(0, 16);
        rig.send(0, 0);
        rig.descriptor(TABLE, 0, RAM + RAM_BYTES, -1, NEXT | INDIRECT, 0xffff);
        rig.finish();
        assertThat(rig.needsReset()).isFalse();
        assertThat(rig.usedLength(0, 0)).isEqualTo(16);
        assertThat(rig.bytes(BUFFER, 16)).isNotEqualTo(new byte[16]);
    }

    @Test
    void aChainMayHaveAsManyDescriptorsAsTheQueue() {
        rig.start(0);
        for (int i = 0; i < SIZE; i++) {
            rig.descriptor(TABLE, i, BUFFER + i, 1, WRITE | (i < SIZE - 1 ? NEXT : 0), i + 1);
        }
        rig.send(0, 0);
        rig.finish();
        assertThat(rig.usedLength(0, 0)).isEqualTo(SIZE);
    }

    @Test
    void buffersThatOverlapTheRingsHurtNobodyButTheDriver() {
        rig.start(0);
        rig.descriptor(TABLE, 0, VirtioRig.driver(0), 0x2000, WRITE, 0);
        rig.send(0, 0);
        for (int i = 0; i < 1000 && rig.clock.nextDue() != Long.MAX_VALUE; i++) {
            rig.step();
        }
        assertThat(rig.needsReset()).as("the available index is random now").isTrue();
    }

    @Test
    void aStoreOfTheDeviceBreaksAReservationOfAHart() {
        BusMaster reserving = new BusMaster("hart1", 34);
        var reservations = rig.bus.reservationsFor(reserving);
        rig.start(0);
        writable(0, 16);
        reservations.reserve(reserving, BUFFER + 8);
        rig.send(0, 0);
        assertThat(reservations.holds(reserving, BUFFER + 8)).isTrue();
        rig.finish();
        assertThat(reservations.holds(reserving, BUFFER + 8)).isFalse();
    }

    // ---- chains that break a rule ----

    @Test
    void aLoopIsFound() {
        rig.start(0);
        rig.descriptor(TABLE, 0, BUFFER, 1, WRITE | NEXT, 1);
        rig.descriptor(TABLE, 1, BUFFER, 1, WRITE | NEXT, 0);
        rig.send(0, 0);
        requireBroken("leads back to itself, or has more descriptors than the queue, 8");
    }

    @Test
    void aDescriptorThatFollowsItselfIsFoundInAnIndirectTableToo() {
        rig.start(INDIRECT_DESC);
        rig.descriptor(BUFFER + 0x7000, 0, BUFFER, 1, WRITE | NEXT, 0);
        rig.descriptor(TABLE, 0, BUFFER + 0x7000, 16, INDIRECT, 0);
        rig.send(0, 0);
        requireBroken("leads back to itself");
    }

    @Test
    void anIndirectChainIsNotLongerThanTheQueue() {
        rig.start(INDIRECT_DESC);
        for (int i = 0; i <= SIZE; i++) {
            rig.descriptor(BUFFER + 0x7000, i, BUFFER, 1, WRITE | (i < SIZE ? NEXT : 0), i + 1);
        }
        rig.descriptor(TABLE, 0, BUFFER + 0x7000, 16 * (SIZE + 1), INDIRECT, 0);
        rig.send(0, 0);
        requireBroken("more descriptors than the queue");
    }

    @ParameterizedTest
    @ValueSource(ints = {SIZE, 256, 0xffff})
    void aHeadOrANextOutOfTheTableIsAMistake(int index) {
        rig.start(0);
        rig.send(0, index);
        requireBroken("descriptor " + index + " is out of range: its table has 8");
        rig.setAvailable(0, 0);
        rig.start(0);
        rig.descriptor(TABLE, 0, BUFFER, 1, WRITE | NEXT, index);
        rig.send(0, 0);
        requireBroken("descriptor " + index + " is out of range");
    }

    @Test
    void aBufferThatIsNotAllInMemoryIsAMistake() {
        long[][] buffers = {{RAM - 1, 2}, {RAM + RAM_BYTES - 1, 2}, {0, 1}, {VirtioRig.SLOT, 4},
                {BUFFER, 0xffff_ffffL}, {-1, 1}, {-1, 0xffff_ffffL},
                {0x1_8000_0000L, 1}, {Long.MIN_VALUE, 1}, {Long.MAX_VALUE, 0xffff_ffffL}, {RAM + RAM_BYTES, 1}};
        for (long[] buffer : buffers) {
            rig.setAvailable(0, 0);
            rig.start(0);
            rig.descriptor(TABLE, 0, buffer[0], (int) buffer[1], WRITE, 0);
            rig.send(0, 0);
            requireBroken("a buffer, " + buffer[1] + " bytes at 0x" + Long.toHexString(buffer[0]) + ", is not in RAM");
        }
    }

    @Test
    void indirectDescriptorsBreakTheirOwnRules() {
        breakIndirect(0, INDIRECT, 16, 0, "but VIRTIO_F_INDIRECT_DESC was not negotiated");
        breakIndirect(INDIRECT_DESC, INDIRECT | NEXT, 16, 0, "has a next one");
        breakIndirect(INDIRECT_DESC, INDIRECT, 16, INDIRECT, "is indirect itself");
        breakIndirect(INDIRECT_DESC, INDIRECT, 0, 0, "an indirect table has 0 bytes");
        breakIndirect(INDIRECT_DESC, INDIRECT, 24, 0, "an indirect table has 24 bytes");
        breakIndirect(INDIRECT_DESC, INDIRECT, 0xffff_fff0, 0,
                "an indirect table, 4294967280 bytes at 0x80027000, is not in RAM");
    }

    private void breakIndirect(long features, int flags, int length, int flagsInTable, String why) {
        rig.setAvailable(0, 0);
        rig.start(features);
        rig.descriptor(BUFFER + 0x7000, 0, BUFFER, 16, WRITE | flagsInTable, 0);
        rig.descriptor(TABLE, 0, BUFFER + 0x7000, length, flags, 1);
        rig.send(0, 0);
        requireBroken(why);
    }

    @Test
    void whatTheDeviceReadsComesBeforeWhatItWrites() {
        rig.start(0);
        rig.descriptor(TABLE, 0, BUFFER, 1, WRITE | NEXT, 1);
        rig.descriptor(TABLE, 1, BUFFER, 1, 0, 0);
        rig.send(0, 0);
        requireBroken("after one that it writes");
    }

    @Test
    void aChainHasAtMostFourGibibytes() {
        int megabytes = 32;
        for (int pieces : new int[] {128, 129}) {
            VirtioRig large = new VirtioRig(clock -> new VirtioEntropy(1), megabytes << 20);
            large.size = 256;
            large.start(INDIRECT_DESC);
            for (int i = 0; i < pieces; i++) {
                large.descriptor(BUFFER + 0x7000, i, RAM, megabytes << 20, WRITE | (i < pieces - 1 ? NEXT : 0), i + 1);
            }
            large.descriptor(TABLE, 0, BUFFER + 0x7000, 16 * pieces, INDIRECT, 0);
            large.send(0, 0);
            assertThat(large.transport.broken())
                    .isEqualTo(pieces == 128 ? "" : "the buffers of a chain have more than 4 GiB together");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {SIZE + 1, 0x8000, 0xffff})
    void anAvailableIndexThatIsTooFarAheadIsAMistake(int index) {
        rig.start(0);
        rig.setAvailable(0, index);
        rig.notifyDevice(0);
        requireBroken("offers " + index + " chains in queue 0, which has only 8 descriptors");
    }

    // ---- notifications (sections 2.7.7 and 2.7.10) ----

    @Test
    void withoutEventIndicesAFlagKeepsInterruptsAway() {
        rig.start(0);
        writable(0, 1);
        rig.send(0, 0);
        rig.finish();
        assertThat(rig.interrupt).isTrue();
        assertThat(rig.acknowledge()).isTrue();
        rig.setDriverFlags(0, 1);
        rig.setUsedEvent(0, 1);                        // has no meaning without the feature
        rig.send(0, 0);
        rig.finish();
        assertThat(rig.used(0)).isEqualTo(2);
        assertThat(rig.interrupt).isFalse();
        rig.setDriverFlags(0, 0);
        rig.send(0, 0);
        rig.finish();
        assertThat(rig.interrupt).isTrue();
    }

    @Test
    void withoutEventIndicesTheDeviceWantsNoNotificationsWhileItIsBusyAndLooksForItself() {
        rig.start(0);
        assertThat(rig.deviceFlags(0)).isZero();
        writable(0, 1);
        writable(1, 1);
        rig.send(0, 0);
        assertThat(rig.deviceFlags(0)).isEqualTo(1);
        rig.offer(0, 1);
        rig.step();
        assertThat(rig.used(0)).isEqualTo(1);
        assertThat(rig.deviceFlags(0)).isEqualTo(1);
        rig.step();
        assertThat(rig.used(0)).isEqualTo(2);
        assertThat(rig.deviceFlags(0)).isZero();
    }

    @Test
    void withEventIndicesTheInterruptComesWithTheEntryThatWasAskedFor() {
        rig.start(EVENT_IDX);
        writable(0, 1);
        rig.setDriverFlags(0, 1);                      // have no meaning with the feature
        rig.setUsedEvent(0, 2);
        for (int i = 0; i < 5; i++) {
            rig.send(0, 0);
            rig.finish();
            assertThat(rig.acknowledge()).as("entry " + i).isEqualTo(i == 2);
        }
    }

    @Test
    void withEventIndicesTheDeviceSaysWhichChainItWantsToHearOf() {
        rig.start(EVENT_IDX);
        writable(0, 1);
        writable(1, 1);
        assertThat(rig.availEvent(0)).isZero();
        rig.send(0, 0);
        rig.offer(0, 1);
        assertThat(rig.availEvent(0)).as("it is busy: nobody need tell it of the second").isZero();
        rig.finish();
        assertThat(rig.used(0)).isEqualTo(2);
        assertThat(rig.availEvent(0)).isEqualTo(2);
        assertThat(rig.deviceFlags(0)).as("flags are not used then").isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, EVENT_IDX})
    void indicesWrapRoundAfterSixtyFourKi(long features) {
        rig.start(features);
        writable(0, 1);
        for (int i = 0; i < ROUNDS; i++) {
            boolean wanted = i % 1000 == 999 || (i & 0xffff) == 0xffff || (i & 0xffff) == 0;
            rig.setUsedEvent(0, wanted ? i : i + 0x8000);
            rig.setDriverFlags(0, wanted ? 0 : 1);
            rig.send(0, 0);
            rig.finish();
            if (rig.used(0) != (i + 1 & 0xffff) || rig.acknowledge() != wanted
                    || features != 0 && rig.availEvent(0) != (i + 1 & 0xffff)) {
                assertThat(i).as("the first entry that went wrong").isNegative();
            }
        }
        assertThat(rig.used(0)).isEqualTo(ROUNDS - 0x1_0000);
        assertThat(rig.transport.queues().get(0).look().taken()).isEqualTo(ROUNDS - 0x1_0000);
    }

    // ---- state ----

    @ParameterizedTest
    @ValueSource(longs = {0, EVENT_IDX | INDIRECT_DESC})
    void aChainInFlightIsSavedAndRestored(long features) {
        rig.start(features);
        writable(0, 20);
        writable(1, 30);
        rig.offer(0, 0);
        rig.send(0, 1);
        byte[] state = rig.save();
        byte[] memory = rig.bytes(RAM, RAM_BYTES);
        rig.finish();
        byte[] after = rig.bytes(RAM, RAM_BYTES);
        assertThat(after).isNotEqualTo(memory);
        VirtioRig other = VirtioRig.entropy();
        other.fill(RAM, memory);
        other.restore(state);
        assertThat(other.save()).isEqualTo(state);
        other.finish();
        assertThat(other.bytes(RAM, RAM_BYTES)).isEqualTo(after);
        assertThat(other.acknowledge()).isTrue();
    }
}
