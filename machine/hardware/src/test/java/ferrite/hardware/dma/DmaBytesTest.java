package ferrite.hardware.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that moves the bytes of one call in pieces, fewer than asked for, or more. */
class DmaBytesTest {

    private static final int COUNT = 20_001;
    private static final long BUFFER = 0x1_0fff;

    private final DmaFixture dma = new DmaFixture(0x4_0000, DmaPolicy.FAULT);
    private final byte[] sent = new byte[COUNT];
    private final byte[] got = new byte[COUNT];
    private int left = COUNT;

    @AfterEach
    void close() {
        dma.close();
    }

    /** A device that moves a piece of at most so many bytes, and then the next one, up to so many in each call. */
    private DmaRequester device(int pieceBytes, int bytesInCall) {
        for (int i = 0; i < COUNT; i++) {
            sent[i] = (byte) (i * 7 + 1);
        }
        return new DmaRequester() {
            @Override
            public String name() {
                return "pieces";
            }

            @Override
            public int ready() {
                return left;
            }

            @Override
            public void supply(DmaBytes bus, int length) {
                for (int done = 0; done < Math.min(length, bytesInCall); done += pieceBytes) {
                    bus.put(sent, COUNT - left + done, Math.min(pieceBytes, Math.min(length, bytesInCall) - done));
                }
                left -= length;
            }

            @Override
            public void accept(DmaBytes bus, int length) {
                for (int done = 0; done < Math.min(length, bytesInCall); done += pieceBytes) {
                    bus.get(got, COUNT - left + done, Math.min(pieceBytes, Math.min(length, bytesInCall) - done));
                }
                left -= length;
            }

            @Override
            public void terminalCount() { }
        };
    }

    private void move(int mode, DmaRequester device) {
        dma.programMode(1, DmaRegisters.MODE_SINGLE | mode,
                BUFFER + ((mode & DmaRegisters.MODE_DECREMENT) != 0 ? COUNT - 1 : 0), COUNT);
        dma.enable(1);
        dma.controller.connect(1, device).set(true);
        dma.pass((long) COUNT * DmaController.BURST_TICKS);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, COUNT})
    void theBytesOfAcallMayGoInPieces(int pieceBytes) {
        move(DmaRegisters.MODE_WRITE, device(pieceBytes, COUNT));
        assertThat(dma.ram(BUFFER, COUNT)).isEqualTo(sent);
        left = COUNT;
        move(DmaRegisters.MODE_READ, device(pieceBytes, COUNT));
        assertThat(got).isEqualTo(sent);
        left = COUNT;
        move(DmaRegisters.MODE_WRITE | DmaRegisters.MODE_DECREMENT, device(pieceBytes, COUNT));
        assertThat(dma.ram(BUFFER, COUNT)).isEqualTo(reversed(sent));
    }

    @Test
    void bytesThatAdeviceDoesNotPutReadAsOnes() {
        move(DmaRegisters.MODE_WRITE, device(10, 30));
        Arrays.fill(sent, 30, COUNT, (byte) 0xff);
        assertThat(dma.ram(BUFFER, COUNT)).isEqualTo(sent);
        assertThat(dma.residue(1)).isEqualTo(0xffff);
    }

    @Test
    void aDeviceCannotPutMoreThanItWasAskedFor() {
        dma.programMode(1, DmaRegisters.MODE_SINGLE | DmaRegisters.MODE_WRITE, BUFFER, 64);
        dma.enable(1);
        DmaRequester device = new TestDevice("greedy") {
            @Override
            public void supply(DmaBytes bus, int length) {
                bus.put(new byte[length + 1], 0, length + 1);
            }

            @Override
            public int ready() {
                return 64;
            }
        };
        dma.controller.connect(1, device).set(true);
        assertThatThrownBy(() -> dma.pass(8)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a device moves 65 bytes, but 64 are left");
    }
}
