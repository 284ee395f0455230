package ferrite.peripherals.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.state.StateException;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sound card as software sees it, and the files at its other end. */
class SoundCardTest {

    private static final int HEADER = 44;
    private static final int PLAY_8 = SoundRegisters.START_8 | SoundRegisters.AUTO_INIT | SoundRegisters.FIFO;
    private static final int PLAY_16 = SoundRegisters.START_16 | SoundRegisters.AUTO_INIT | SoundRegisters.FIFO;

    @TempDir
    private Path directory;

    private static byte[] noise(int bytes) {
        byte[] samples = new byte[bytes];
        new Random(bytes).nextBytes(samples);
        return samples;
    }

    private SoundFiles files(Path in) throws IOException {
        return SoundFiles.open(in, directory.resolve("out.wav"));
    }

    private byte[] played(SoundFiles files) throws IOException {
        files.close();
        byte[] file = Files.readAllBytes(directory.resolve("out.wav"));
        return Arrays.copyOfRange(file, HEADER, file.length);
    }

    /** A WAV file, made by the card's own output; {@code WavInput} and other programs read it. */
    private Path wav(String name, PcmFormat format, byte[] samples) throws IOException {
        Path path = directory.resolve(name);
        try (WavOutput output = WavOutput.create(path)) {
            output.play(format, samples, samples.length);
        }
        return path;
    }

    private static void rate(SoundRig rig, int command, int hertz) {
        rig.command(command, hertz >> 8, hertz & 0xff);
    }

    @Test
    void theProcessorAnswersAfterItsReset() throws IOException {
        SoundRig rig = new SoundRig(files(null));
        assertThat(rig.load(SoundRegisters.READ_STATUS)).isZero();
        rig.reset();
        assertThat(rig.load(SoundRegisters.READ_STATUS)).isEqualTo(SoundRegisters.AVAILABLE);
        assertThat(rig.load(SoundRegisters.READ_DATA)).isEqualTo(SoundRegisters.READY);
        rig.command(SoundRegisters.GET_VERSION, SoundRegisters.IDENTIFY, 0x5a);
        assertThat(rig.load(SoundRegisters.READ_DATA)).isEqualTo(4);
        assertThat(rig.load(SoundRegisters.READ_DATA)).isEqualTo(5);
        assertThat(rig.load(SoundRegisters.READ_DATA)).isEqualTo(0xa5);
        assertThat(rig.load(SoundRegisters.READ_STATUS)).isZero();
        assertThat(rig.mixer(SoundRegisters.MIXER_DMA)).isEqualTo(1 << 1 | 1 << 5);
    }

    @Test
    void aByteThatIsWrittenWhileTheProcessorIsBusyIsLost() throws IOException {
        SoundRig rig = new SoundRig(files(null));
        rig.command(SoundRegisters.IDENTIFY);
        assertThat(rig.load(SoundRegisters.WRITE_DATA)).isEqualTo(SoundRegisters.BUSY);
        rig.card.store(SoundRegisters.WRITE_DATA, 1, 1);
        assertThat(rig.load(SoundRegisters.READ_STATUS)).isZero();
        rig.command(2);
        assertThat(rig.load(SoundRegisters.READ_DATA)).isEqualTo(~2 & 0xff);
    }

    /** 640 samples of 8 bits at 8 kHz are 80 ms, with an interrupt every 20 ms. */
    @Test
    void blocksOfBytesArePlayedInTimeUntilTheProcessorIsToldToEnd() throws IOException {
        SoundFiles files = files(null);
        SoundRig rig = new SoundRig(files);
        byte[] samples = noise(640);
        rig.fill(samples);
        rig.openChannel(1, 640, false);
        rate(rig, SoundRegisters.SET_OUTPUT_RATE, 8000);
        rig.command(PLAY_8, 0, 159, 0);
        for (int block = 1; block <= 4; block++) {
            rig.pass(19_990);
            assertThat(rig.interrupt).as("in block " + block).isFalse();
            rig.pass(10);
            assertThat(rig.interrupt).as("after block " + block).isTrue();
            assertThat(rig.mixer(SoundRegisters.MIXER_IRQ)).isEqualTo(SoundRegisters.IRQ_8);
            rig.load(SoundRegisters.READ_STATUS);
            assertThat(rig.interrupt).isFalse();
            if (block == 3) {
                rig.command(SoundRegisters.EXIT_8);
            }
        }
        rig.pass(100_000);
        assertThat(rig.interrupt).as("it has ended").isFalse();
        assertThat(rig.card.lost()).isZero();
        assertThat(played(files)).isEqualTo(samples);
    }

    @Test
    void aPauseLosesNoSampleAndStereoWordsGoOverChannelFive() throws IOException {
        SoundFiles files = files(null);
        SoundRig rig = new SoundRig(files);
        byte[] samples = noise(4096);
        rig.fill(samples);
        rig.openChannel(5, 4096, false);
        rate(rig, SoundRegisters.SET_OUTPUT_RATE, 44_100);
        rig.command(PLAY_16, SoundRegisters.MODE_STEREO | SoundRegisters.MODE_SIGNED, 2047 & 0xff, 2047 >> 8);
        rig.pass(5000);
        rig.command(SoundRegisters.PAUSE_16);
        rig.pass(50_000);
        assertThat(rig.interrupt).isFalse();
        rig.command(SoundRegisters.EXIT_16, SoundRegisters.CONTINUE_16);
        rig.pass(20_000);
        assertThat(rig.mixer(SoundRegisters.MIXER_IRQ)).isEqualTo(SoundRegisters.IRQ_16);
        rig.load(SoundRegisters.ACKNOWLEDGE_16);
        assertThat(rig.interrupt).isFalse();
        assertThat(played(files)).isEqualTo(samples);
    }

    /** It goes in the first piece of the second block of bytes, while the other channel plays too. */
    @Test
    void aCardThatIsPulledOutReadsAsOnesAndDoesNothing() throws IOException {
        SoundFiles files = files(null);
        SoundRig rig = new SoundRig(files, removedAtTwo());
        byte[] samples = noise(640);
        rig.fill(samples);
        rig.openChannel(1, 640, false);
        rate(rig, SoundRegisters.SET_OUTPUT_RATE, 8000);
        rig.command(PLAY_8, 0, 127, 0);
        rig.pass(20_000);
        assertThat(rig.interrupt).isTrue();
        rig.command(SoundRegisters.START_16, 0, 0xff, 0xff);
        rig.pass(20_000);
        byte[] state = rig.save();
        SoundRig restored = new SoundRig(files(null), removedAtTwo());
        restored.restore(state);
        for (SoundRig gone : List.of(rig, restored)) {
            assertThat(gone.clock.nextDue()).as("it does nothing").isEqualTo(Long.MAX_VALUE);
            assertThat(gone.dma.peek(DmaRegisters.port(1, DmaRegisters.STATUS), 1) & 0xf0).as("requests").isZero();
            gone.reset();
            gone.command(SoundRegisters.TRIGGER_8);
            assertThat(gone.load(SoundRegisters.READ_STATUS)).isEqualTo(0xff);
            assertThat(gone.load(SoundRegisters.READ_DATA)).isEqualTo(0xff);
            assertThat(gone.mixer(SoundRegisters.MIXER_IRQ)).isEqualTo(0xff);
            assertThat(gone.interrupt).isFalse();
        }
        assertThat(played(files)).as("the first block").isEqualTo(Arrays.copyOf(samples, 128));
    }

    private static DeviceFaults removedAtTwo() {
        return DeviceFaults.of("sound", List.of(Fault.parse("sound=removed@2")), 0);
    }

    @Test
    void aChannelThatIsNotOpenMakesTheCardWaitAndIsCounted() throws IOException {
        SoundFiles files = files(null);
        SoundRig rig = new SoundRig(files);
        byte[] samples = noise(128);
        rig.fill(samples);
        rig.command(SoundRegisters.START_8, 0, 127, 0);
        rig.pass(1_000_000);
        assertThat(rig.card.lost()).isEqualTo(1);
        assertThat(rig.clock.nextDue()).as("it does nothing").isEqualTo(Long.MAX_VALUE);
        rig.openChannel(1, 128, false);
        rig.pass(100_000);
        assertThat(rig.interrupt).isTrue();
        assertThat(played(files)).isEqualTo(samples);
    }

    @ParameterizedTest
    @CsvSource({"1, 8000, 8, 1", "5, 8000, 8, 2", "5, 22050, 16, 2", "1, 11025, 16, 1"})
    void whatIsRecordedIsTheFileInTheFormatOfTheProcessor(int channel, int rate, int bits, int channels)
            throws IOException {
        PcmFormat format = PcmFormat.ofFile(rate, bits, channels);
        byte[] heard = noise(400 * format.frameBytes());
        SoundRig rig = new SoundRig(files(wav("in.wav", format, heard)));
        boolean wide = channel == 5;
        rig.openChannel(channel, wide ? 400 : 200, true);
        rate(rig, SoundRegisters.SET_INPUT_RATE, rate);
        rig.command((wide ? SoundRegisters.START_16 : SoundRegisters.START_8) | SoundRegisters.RECORD,
                wide ? SoundRegisters.MODE_SIGNED : 0, 199, 0);
        rig.pass(100_000);
        assertThat(rig.interrupt).isTrue();
        byte[] got = rig.buffer(wide ? 400 : 200);
        PcmFormat mono = PcmFormat.ofFile(rate, wide ? 16 : 8, 1);
        byte[] expected = new byte[got.length];
        for (int i = 0; i < 200; i++) {
            mono.store(expected, i * mono.frameBytes(), format.sample(heard, i * format.frameBytes(), 0),
                    format.sample(heard, i * format.frameBytes(), 1));
        }
        assertThat(got).isEqualTo(expected);
        assertThat(rig.card.lost()).isZero();
    }

    @Test
    void laterSoundsInAnotherFormatAreConverted() throws IOException {
        SoundFiles files = files(null);
        byte[] first = {1, 2, 3};
        files.out().play(PcmFormat.ofFile(8000, 8, 1), first, 3);
        byte[] wide = new byte[16];
        PcmFormat stereo = PcmFormat.ofFile(16_000, 16, 2);
        for (int i = 0; i < 4; i++) {
            stereo.store(wide, 4 * i, i << 8, i << 9);
        }
        files.out().play(stereo, wide, 16);
        assertThat(played(files)).containsExactly(1, 2, 3, 0x80 + 1, 0x80 + 4);
    }

    @Test
    void aSavedCardGoesOnAsTheOtherOneDid() throws IOException {
        SoundFiles files = files(wav("in.wav", PcmFormat.ofFile(8000, 8, 1), noise(5000)));
        SoundRig rig = new SoundRig(files);
        byte[] samples = noise(1024);
        rig.fill(samples);
        rig.openChannel(1, 1024, false);
        rig.command(SoundRegisters.SET_BLOCK, 255, 1, SoundRegisters.START_OLD_PLAY);
        rig.pass(70_000);
        byte[] state = rig.save();
        rig.pass(123_456);
        byte[] end = rig.save();
        rig.restore(state);
        rig.pass(123_456);
        assertThat(rig.save()).isEqualTo(end);
        byte[] played = played(files);
        for (int i = 0; i < played.length; i++) {
            assertThat(played[i]).as("sample " + i).isEqualTo(samples[i % 1024]);
        }
        assertThat(played.length).isGreaterThan(700);
    }

    @Test
    void aSavedStateThatTheCardCannotHaveIsRefused() throws IOException {
        SoundRig rig = new SoundRig(files(null));
        rig.command(PLAY_8, 0, 159, 0);
        rig.pass(10_000);
        byte[] saved = rig.save();
        int refused = 0;
        for (int at = 0; at + 4 <= saved.length; at += 4) {
            byte[] hostile = saved.clone();
            Arrays.fill(hostile, at, at + 4, (byte) 0x7f);
            SoundRig other = new SoundRig(new SoundFiles(null, WavOutput.create(directory.resolve("other.wav"))));
            try {
                other.restore(hostile);
                other.pass(1000);
            } catch (StateException e) {
                refused++;
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(refused).isGreaterThan(20);
    }

    @Test
    void randomAccessesGiveNothingWorseThanABusFault() throws IOException {
        Random random = new Random(7);
        SoundRig rig = new SoundRig(files(null));
        rig.openChannel(1, 4096, false);
        rig.openChannel(5, 4096, true);
        int faults = 0;
        for (int i = 0; i < 20_000; i++) {
            int register = random.nextInt(3) == 0 ? random.nextInt(0x20) : SoundRegisters.WRITE_DATA;
            try {
                if (random.nextInt(4) == 0) {
                    rig.card.peek(register, 1);
                    rig.load(register);
                } else {
                    rig.card.store(register, 1 << random.nextInt(8) / 6, random.nextInt(0x200));
                }
            } catch (BusFault fault) {
                faults++;
            }
            rig.pass(random.nextInt(50));
        }
        assertThat(faults).isPositive();
    }

    @Test
    void aFileThatIsNoWavFileIsRefusedInASentence() throws IOException {
        byte[] good = Files.readAllBytes(wav("good.wav", PcmFormat.ofFile(8000, 16, 2), noise(400)));
        Path bad = directory.resolve("bad.wav");
        Random random = new Random(3);
        for (int i = 0; i < 400; i++) {
            byte[] file = Arrays.copyOf(good, random.nextInt(good.length));
            for (int change = 0; change < 3 && file.length > 0; change++) {
                file[random.nextInt(Math.min(HEADER, file.length))] = (byte) random.nextInt();
            }
            Files.write(bad, file);
            try (WavInput input = WavInput.open(bad)) {
                input.sample(random.nextInt(1000), random.nextInt(2));
            } catch (IOException e) {
                assertThat(e.getMessage()).contains(bad + " is no WAV file that the sound card can record from: ");
            }
        }
        assertThatThrownBy(() -> WavInput.open(directory)).isInstanceOf(IOException.class);
        Path same = directory.resolve("good.wav");
        assertThatThrownBy(() -> SoundFiles.open(same, same)).hasMessageContaining("would be overwritten");
    }
}
