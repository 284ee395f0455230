package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioRig.BUFFER;
import static ferrite.peripherals.virtio.VirtioRig.NEXT;
import static ferrite.peripherals.virtio.VirtioRig.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The console device (section 5.3): bytes leave by one queue and arrive by the other. */
class VirtioConsoleTest {

    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;

    /** The other end of the line. */
    private static final class Line implements VirtioConsole.Host {
        private final StringBuilder sent = new StringBuilder();
        private int asked;

        @Override
        public void send(int value) {
            sent.append((char) value);
        }

        @Override
        public void awaited() {
            asked++;
        }
    }

    private final Line line = new Line();
    private VirtioConsole console;
    private final VirtioRig rig = rig();

    private VirtioRig rig() {
        return new VirtioRig(clock -> console = new VirtioConsole(line, clock));
    }

    private void offerInput(int index, int length) {
        rig.descriptor(VirtioRig.table(RECEIVE), index, BUFFER + 16 * index, length, WRITE, 0);
        rig.send(RECEIVE, index);
    }

    @Test
    void itIsAConsoleWithOnePort() {
        assertThat(rig.load(VirtioRegisters.DEVICE_ID)).isEqualTo(3);
        assertThat(rig.load(VirtioRegisters.DEVICE_FEATURES) & 0xff_ffff).as("EMERG_WRITE").isEqualTo(4);
        assertThat(rig.load(0x104)).as("max_nr_ports").isEqualTo(1);
        assertThat(rig.transport.device().queues()).isEqualTo(2);
    }

    // ---- sending ----

    @Test
    void whatIsInTheBuffersIsSent() {
        rig.start(0);
        rig.fill(BUFFER, "hello, world".getBytes(StandardCharsets.US_ASCII));
        rig.descriptor(VirtioRig.table(TRANSMIT), 0, BUFFER, 7, NEXT, 1);
        rig.descriptor(VirtioRig.table(TRANSMIT), 1, BUFFER + 7, 5, 0, 0);
        rig.send(TRANSMIT, 0);
        assertThat(line.sent).as("it takes time").isEmpty();
        rig.finish();
        assertThat(line.sent).hasToString("hello, world");
        assertThat(rig.used(TRANSMIT)).isEqualTo(1);
        assertThat(rig.usedLength(TRANSMIT, 0)).isZero();
        assertThat(rig.acknowledge()).isTrue();
    }

    @Test
    void aLongBufferIsSentPieceByPieceWhileTheGuestRuns() {
        rig.start(0);
        rig.descriptor(VirtioRig.table(TRANSMIT), 0, BUFFER, 10_000, 0, 0);
        rig.send(TRANSMIT, 0);
        rig.step();
        assertThat(line.sent.length()).isEqualTo(4096);
        byte[] state = rig.save();
        rig.finish();
        assertThat(line.sent.length()).isEqualTo(10_000);
        line.sent.setLength(4096);
        rig.restore(state);
        rig.finish();
        assertThat(line.sent.length()).isEqualTo(10_000);
    }

    @Test
    void aBufferToBeSentIsOneThatTheDeviceReads() {
        rig.start(0);
        rig.descriptor(VirtioRig.table(TRANSMIT), 0, BUFFER, 1, WRITE, 0);
        rig.send(TRANSMIT, 0);
        assertThat(rig.transport.broken()).contains("the device must only read it");
    }

    @Test
    void anEmergencyWriteGoesOutInAnyStateAndNothingElseIsWritten() {
        rig.bus.store(rig.hart, VirtioRig.SLOT + 0x108, 4, 0x1_21);
        assertThat(line.sent).hasToString("!");
        assertThatThrownBy(() -> rig.bus.store(rig.hart, VirtioRig.SLOT + 0x100, 4, 1)).isInstanceOf(BusFault.class)
                .hasMessageContaining("only emerg_wr");
    }

    // ---- receiving ----

    @Test
    void theLineIsAskedWhenThereIsABufferAndNotAgainBeforeItAnswers() {
        rig.start(0);
        rig.finish();
        assertThat(line.asked).isZero();
        assertThat(console.isAwaited()).isFalse();
        offerInput(2, 4);
        assertThat(console.isAwaited()).isTrue();
        rig.finish();
        assertThat(line.asked).isEqualTo(1);
        offerInput(3, 4);
        rig.finish();
        assertThat(line.asked).isEqualTo(1);
        console.receive('a');
        assertThat(rig.used(RECEIVE)).isEqualTo(1);
        assertThat(rig.usedId(RECEIVE, 0)).isEqualTo(2);
        assertThat(rig.usedLength(RECEIVE, 0)).isEqualTo(1);
        assertThat(rig.bytes(BUFFER + 32, 2)).containsExactly('a', 0);
        assertThat(rig.acknowledge()).isTrue();
        rig.finish();
        assertThat(line.asked).as("there is another buffer").isEqualTo(2);
        console.askAgainIn(7);
        rig.finish();
        assertThat(line.asked).isEqualTo(3);
        console.receive('b');
        assertThat(console.isAwaited()).isFalse();
        rig.finish();
        assertThat(line.asked).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBufferToReceiveIntoIsOneThatTheDeviceWritesAndHasRoom(boolean empty) {
        rig.start(0);
        rig.descriptor(VirtioRig.table(RECEIVE), 0, BUFFER, empty ? 0 : 1, empty ? WRITE : 0, 0);
        rig.send(RECEIVE, 0);
        assertThat(rig.transport.broken()).contains("a buffer to receive into");
        assertThat(console.isAwaited()).isFalse();
    }

    @Test
    void aMistakeThatAByteBringsToLightStopsTheDevice() {
        rig.start(0);
        offerInput(0, 1);
        rig.offer(RECEIVE, 99);
        console.receive('a');
        assertThat(rig.used(RECEIVE)).isEqualTo(1);
        assertThat(rig.transport.broken()).contains("descriptor 99");
        assertThat(console.isAwaited()).isFalse();
        rig.finish();
    }

    @Test
    void aResetTakesTheBuffersAway() {
        rig.start(0);
        offerInput(0, 1);
        rig.store(VirtioRegisters.STATUS, 0);
        assertThat(console.isAwaited()).isFalse();
        rig.finish();
        assertThat(line.asked).isZero();
    }

    @Test
    void aBufferThatWaitsIsSavedAndRestored() {
        rig.start(0);
        offerInput(0, 1);
        rig.finish();
        byte[] state = rig.save();
        console.receive('a');
        rig.restore(state);
        assertThat(console.isAwaited()).isTrue();
        rig.finish();
        assertThat(line.asked).as("it was asked already").isEqualTo(1);
        console.receive('b');
        assertThat(rig.bytes(BUFFER, 1)).containsExactly('b');
        assertThat(rig.used(RECEIVE)).isEqualTo(1);
    }

    /** The end of input is no answer to the device, so a restored device asks its host again. */
    @Test
    void aQuestionThatWasNotAnsweredIsSavedToo() {
        rig.start(0);
        assertThat(console.isUnanswered()).isFalse();
        offerInput(0, 16);
        assertThat(console.isUnanswered()).as("a character's time has to pass").isFalse();
        rig.finish();
        assertThat(console.isUnanswered()).isTrue();
        byte[] saved = rig.save();
        console.receive('x');
        assertThat(console.isUnanswered()).isFalse();
        rig.restore(saved);
        assertThat(console.isUnanswered()).isTrue();
    }
}
