package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioRig.BUFFER;
import static ferrite.peripherals.virtio.VirtioRig.NEXT;
import static ferrite.peripherals.virtio.VirtioRig.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.ReportText;
import ferrite.hardware.state.StateException;
import ferrite.peripherals.net.CaptureFile;
import ferrite.peripherals.net.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The network device (section 5.1): frames leave by one queue and arrive by the other. */
class VirtioNetTest {

    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;
    private static final int HEADER = 12;
    private static final byte[] FRAME = CaptureFile.frame(60, 7);

    private final Cable cable = new Cable(0);
    private final VirtioRig rig = new VirtioRig(clock -> new VirtioNet(Cable.MAC, cable, clock));

    private void offerBuffer(int index, int length) {
        rig.descriptor(VirtioRig.table(RECEIVE), index, BUFFER + 0x1000 * index, length, WRITE, 0);
        rig.send(RECEIVE, index);
    }

    private void send(int header, byte[] frame, int flags) {
        rig.fill(BUFFER, new byte[header]);
        rig.fill(BUFFER + header, frame);
        rig.descriptor(VirtioRig.table(TRANSMIT), 0, BUFFER, header, NEXT | flags, 1);
        rig.descriptor(VirtioRig.table(TRANSMIT), 1, BUFFER + header, frame.length, flags, 0);
        rig.send(TRANSMIT, 0);
    }

    private String counts() {
        Report report = Report.of("slot");
        rig.transport.device().describe(report);
        return ReportText.of(report).replaceAll(" {2,}", ": ");
    }

    @Test
    void itIsANetworkCardWithAnAddressAndALink() {
        assertThat(rig.load(VirtioRegisters.DEVICE_ID)).isEqualTo(1);
        assertThat(rig.load(VirtioRegisters.DEVICE_FEATURES) & 0xff_ffff).as("MAC, STATUS").isEqualTo(1 << 5 | 1 << 16);
        assertThat(rig.load(0x100)).isEqualTo(0x0000_0002);
        assertThat(rig.bus.load(rig.hart, VirtioRig.SLOT + 0x104, 2)).isEqualTo(0xfe00);
        assertThat(rig.bus.load(rig.hart, VirtioRig.SLOT + 0x106, 2)).as("LINK_UP").isEqualTo(1);
        assertThatThrownBy(() -> rig.load(0x108)).isInstanceOf(BusFault.class).hasMessageContaining("8 bytes");
        assertThatThrownBy(() -> rig.store(0x100, 1)).isInstanceOf(BusFault.class);
    }

    // ---- sending ----

    @Test
    void aFrameIsSentWithoutItsHeaderAfterItsTime() {
        rig.start(0);
        send(HEADER, FRAME, 0);
        assertThat(cable.sent).as("it takes time").isEmpty();
        rig.finish();
        assertThat(cable.sent).containsExactly(FRAME);
        assertThat(rig.clock.now()).isEqualTo(200 + Wire.ticks(HEADER + FRAME.length));
        assertThat(rig.used(TRANSMIT)).isEqualTo(1);
        assertThat(rig.acknowledge()).isTrue();
        assertThat(counts()).contains("frames sent: 1").contains("frames lost: 0");
    }

    /** Section 5.1.6.1. A legacy driver is one that has not accepted VERSION_1. */
    @Test
    void theHeaderOfAnOldDriverHasTwoBytesLess() {
        rig.store(VirtioRegisters.STATUS, 0);
        rig.addStatus(VirtioRegisters.ACKNOWLEDGE);
        rig.addStatus(VirtioRegisters.DRIVER | VirtioRegisters.FEATURES_OK);
        for (int queue = 0; queue < 2; queue++) {
            rig.setUp(queue);
            rig.store(VirtioRegisters.QUEUE_READY, 1);
        }
        rig.addStatus(VirtioRegisters.DRIVER_OK);
        send(10, FRAME, 0);
        rig.finish();
        assertThat(cable.sent).containsExactly(FRAME);
        offerBuffer(0, 10 + FRAME.length);
        cable.receive(FRAME);
        assertThat(rig.usedLength(RECEIVE, 0)).isEqualTo(10 + FRAME.length);
        assertThat(rig.bytes(BUFFER + 10, FRAME.length)).isEqualTo(FRAME);
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 1514, 65_553})
    void aFrameMayHaveAsManyBytes(int bytes) {
        rig.start(0);
        send(HEADER, CaptureFile.frame(bytes, 1), 0);
        rig.finish();
        assertThat(cable.sent).hasSize(1).first().satisfies(frame -> assertThat(frame).hasSize(bytes));
    }

    @ParameterizedTest
    @CsvSource({"13, 0, has 25 bytes with its header of 12; 14 to 65553 more", "65554, 0, has 65566 bytes",
        "60, 2, the device must only read it"})
    void otherFramesStopTheDevice(int bytes, int flags, String why) {
        rig.start(0);
        send(HEADER, CaptureFile.frame(bytes, 1), flags);
        rig.finish();
        assertThat(rig.transport.broken()).contains(why);
        assertThat(cable.sent).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "1, 0x80"})
    void aDriverOffloadsNothing(int at, String value) {
        rig.start(0);
        send(HEADER, FRAME, 0);
        rig.bus.store(rig.hart, BUFFER + at, 1, Integer.decode(value));
        rig.finish();
        assertThat(rig.transport.broken()).contains("asks for a checksum or for segments");
        assertThat(cable.sent).isEmpty();
    }

    @Test
    void aHeaderThatAsksForNothingIsNoMistake() {
        rig.start(0);
        send(HEADER, FRAME, 0);
        rig.fill(BUFFER, new byte[] {2, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9});      // DATA_VALID, and numbers without a use
        rig.finish();
        assertThat(cable.sent).containsExactly(FRAME);
    }

    // ---- receiving ----

    @Test
    void aFrameArrivesInABufferAfterAHeader() {
        rig.start(0);
        offerBuffer(3, 1526);
        cable.receive(FRAME);
        assertThat(rig.used(RECEIVE)).isEqualTo(1);
        assertThat(rig.usedId(RECEIVE, 0)).isEqualTo(3);
        assertThat(rig.usedLength(RECEIVE, 0)).isEqualTo(HEADER + FRAME.length);
        assertThat(rig.bytes(BUFFER + 0x3000, HEADER)).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);
        assertThat(rig.bytes(BUFFER + 0x3000 + HEADER, FRAME.length)).isEqualTo(FRAME);
        assertThat(rig.acknowledge()).isTrue();
        assertThat(counts()).contains("frames received: 1");
    }

    @Test
    void aFrameIsLostWithoutADriverOrABuffer() {
        cable.receive(FRAME);
        rig.start(0);
        cable.receive(FRAME);
        assertThat(counts()).contains("frames received: 0").contains("frames lost: 2");
        offerBuffer(0, 1526);
        cable.receive(FRAME);
        cable.receive(FRAME);
        assertThat(counts()).contains("frames received: 1").contains("frames lost: 3");
        assertThat(rig.needsReset()).isFalse();
    }

    @Test
    void aFrameThatDoesNotFitIsLostAndTheBufferServesTheNextOne() {
        rig.start(0);
        offerBuffer(0, HEADER + FRAME.length);
        cable.receive(CaptureFile.frame(FRAME.length + 1, 1));
        assertThat(counts()).contains("frames lost: 1");
        assertThat(rig.used(RECEIVE)).isZero();
        cable.receive(FRAME);
        assertThat(rig.used(RECEIVE)).isEqualTo(1);
        assertThat(counts()).contains("frames received: 1").contains("frames lost: 1");
    }

    @ParameterizedTest
    @CsvSource({"0, 2000", "2, 11"})
    void aBufferToReceiveIntoIsOneThatTheDeviceWritesAndHasRoomForTheHeader(int flags, int length) {
        rig.start(0);
        rig.descriptor(VirtioRig.table(RECEIVE), 0, BUFFER, length, flags, 0);
        rig.send(RECEIVE, 0);
        cable.receive(FRAME);
        assertThat(rig.transport.broken()).contains("a buffer to receive a frame into");
        cable.receive(FRAME);
        assertThat(counts()).contains("frames lost: 1");
    }

    @Test
    void afterAResetNothingIsReceived() {
        rig.start(0);
        offerBuffer(0, 1526);
        cable.receive(CaptureFile.frame(2000, 1));
        rig.store(VirtioRegisters.STATUS, 0);
        cable.receive(FRAME);
        assertThat(counts()).contains("frames received: 0").contains("frames lost: 2");
        assertThat(rig.transport.device().inFlight(RECEIVE)).isZero();
    }

    // ---- state ----

    @Test
    void framesOnTheirWayAreSavedAndRestored() {
        rig.start(0);
        offerBuffer(0, 100);
        cable.receive(CaptureFile.frame(1000, 1));        // the buffer is taken, and waits
        send(HEADER, FRAME, 0);
        byte[] state = rig.save();
        rig.finish();
        cable.receive(FRAME);
        rig.restore(state);
        assertThat(cable.sent).isEmpty();
        assertThat(counts()).contains("frames received: 0").contains("frames sent: 0").contains("frames lost: 1");
        rig.finish();
        assertThat(cable.sent).containsExactly(FRAME);
    }

    @Test
    void aCardThatListensToAQueueThatIsNotReadyIsRefused() {
        rig.start(0);
        byte[] state = rig.save();
        rig.store(VirtioRegisters.STATUS, 0);
        byte[] idle = rig.save();
        int at = idle.length - 1;
        while (state[at] == idle[at]) {
            at--;                                      // the last byte that differs tells that the card listens
        }
        idle[at] = 1;
        assertThatThrownBy(() -> rig.restore(idle)).isInstanceOf(StateException.class)
                .hasMessageContaining("the queue is not ready");
    }
}
