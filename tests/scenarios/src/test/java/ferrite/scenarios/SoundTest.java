package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Ioctl;
import ferrite.kernel.fs.PollEvents;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sound card with its driver on a whole machine, between WAV files. */
@Machine
@Timeout(60)
class SoundTest {

    private static final int HEADER = 44;
    private static final int SPEED = Ioctl._IOWR('P', 2, 4);
    private static final int SETFMT = Ioctl._IOWR('P', 5, 4);
    private static final int SYNC = Ioctl._IO('P', 1);
    private static final int SETFRAGMENT = Ioctl._IOWR('P', 10, 4);
    private static final int GETOSPACE = Ioctl._IOR('P', 12, 16);

    @TempDir
    private Path directory;

    static byte[] wav(int rate, int bits, int channels, byte[] samples) {
        int frame = bits / 8 * channels;
        return ByteBuffer.allocate(HEADER + samples.length).order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + samples.length)
                .put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16).putShort((short) 1)
                .putShort((short) channels).putInt(rate).putInt(rate * frame).putShort((short) frame)
                .putShort((short) bits).put("data".getBytes(StandardCharsets.US_ASCII)).putInt(samples.length)
                .put(samples).array();
    }

    private static byte[] noise(int bytes, long seed) {
        byte[] samples = new byte[bytes];
        new Random(seed).nextBytes(samples);
        return samples;
    }

    /** A folder with a song, for --root. */
    private Path song(byte[] file) throws IOException {
        Path root = Files.createDirectories(directory.resolve("root"));
        Files.write(root.resolve("song.wav"), file);
        return root;
    }

    /** The end of a run: the sound that was played and recorded, and the digest. */
    private record End(byte[] played, byte[] recorded, ferrite.hardware.Machine.Digest digest) { }

    private End playAndRecord(byte[] song, byte[] heard, int recordedBytes, Interleavings interleaving)
            throws Exception {
        Path out = directory.resolve("out.wav");
        Path in = Files.write(directory.resolve("in.wav"), heard);
        Path root = song(song);
        byte[] recorded;
        ferrite.hardware.Machine.Digest digest;
        try (MachineRun run = MachineRun.start(new BoardOptions().ram(64 << 20).harts(2).interleaving(interleaving)
                .sound(in, out).root(root))) {
            run.type("cp /song.wav /dev/dsp &", "sleep 0.01",
                    "dd if=/dev/dsp of=/dev/stdout bs=" + recordedBytes + " count=1", "wait");
            recorded = run.bytes();
            assertThat(run.err()).contains("1+0 records in");
            assertThat(run).hasNoViolations();
            digest = run.digest();
        }
        return new End(Files.readAllBytes(out), recorded, digest);
    }

    /** The card records with 16 bits while it plays 8, and the reverse. */
    @ParameterizedTest
    @CsvSource({"8000, 8, 1, RR", "8000, 8, 1, RANDOM", "44100, 16, 2, RR", "44100, 16, 2, RANDOM"})
    void aSongComesOutSampleForSampleWhileAnotherOneIsRecorded(int rate, int bits, int channels,
            Interleavings interleaving) throws Exception {
        byte[] song = wav(rate, bits, channels, noise(30_000 * bits / 8 * channels + 4 * channels, rate));
        byte[] heard = noise(12_000, 1);
        End end = playAndRecord(song, wav(8000, 8, 1, heard), 8000, interleaving);

        assertThat(end.played).isEqualTo(song);
        byte[] recorded = new byte[8000];
        for (int i = 0; i < 8000; i++) {
            recorded[i] = bits == 16 ? heard[i] : i % 2 == 0 ? 0 : (byte) (heard[i / 2] - 128);
        }
        assertThat(end.recorded).isEqualTo(recorded);
        assertThat(playAndRecord(song, wav(8000, 8, 1, heard), 8000, interleaving).digest).isEqualTo(end.digest);
    }

    private static int ioctl(ferrite.kernel.Kernel kernel, int file, int command, int value) {
        long argument = kernel.calls().kzalloc(16, Gfp.GFP_KERNEL);
        kernel.base().memory().store32(argument, value);
        int result = kernel.files().ioctl(file, command, argument);
        int answer = kernel.base().memory().load32(argument);
        kernel.calls().kfree(argument);
        return result < 0 ? result : answer;
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Raw samples in a format that commands set, in pieces that fill no fragment. */
    @Test
    void commandsSetTheFormatAndASlowProgramIsToldOfUnderruns(Machines machines) throws Exception {
        Path out = directory.resolve("raw.wav");
        byte[] samples = noise(1000, 3);
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.ram(64 << 20).sound(null, out).driver(test));
        test.run(run, kernel -> {
            int file = kernel.files().open("/dev/dsp", Fcntl.O_WRONLY);
            check(kernel.files().open("/dev/dsp", Fcntl.O_WRONLY) == -Errno.EBUSY, "one plays");
            check(kernel.files().open("/dev/dsp", Fcntl.O_RDWR) == -Errno.EINVAL, "one direction");
            check(ioctl(kernel, file, SPEED, 100_000) == 44_100, "the highest rate");
            check(ioctl(kernel, file, SPEED, 22_050) == 22_050, "a rate");
            check(ioctl(kernel, file, SETFMT, 0x10) == 0x10 && ioctl(kernel, file, SETFMT, 0x80) == 8, "formats");
            check(ioctl(kernel, file, SETFRAGMENT, 4 << 16 | 7) == (4 << 16 | 7), "fragments");
            check(ioctl(kernel, file, GETOSPACE, 0) == 4 && ioctl(kernel, file, 0x1234, 0) == -Errno.ENOTTY, "room");
            long buffer = kernel.calls().kzalloc(1000, Gfp.GFP_KERNEL);
            kernel.base().memory().write(buffer, samples, 0, 1000);
            kernel.base().memory().store32(buffer + 900, file);
            kernel.base().memory().store32(buffer + 904, PollEvents.EPOLLOUT);
            check(kernel.files().poll(buffer + 900, 1, 0) == 1, "a write does not wait");
            kernel.base().memory().write(buffer, samples, 0, 1000);
            check(kernel.files().write(file, buffer, 300) == 300, "written");
            kernel.calls().msleep(100);
            check(kernel.files().write(file, buffer + 300, 400) == 400, "written");
            check(kernel.files().ioctl(file, SYNC, 0) == 0, "synced");
            check(ioctl(kernel, file, GETOSPACE, 0) == 4, "all is played");
            check(kernel.files().write(file, buffer + 700, 300) == 300 && kernel.files().close(file) == 0, "closed");
            kernel.calls().kfree(buffer);
        });
        run.type("dmesg");
        assertThat(run.out()).contains("sound: underruns: 1\n").contains("sound: DSP 4.5, DMA channels 1 and 5");
        assertThat(run).hasNoViolations();
        run.close();
        assertThat(Files.readAllBytes(out)).isEqualTo(wav(22_050, 8, 1, samples));
    }

    /** The first header has 24 bits; the second one is obeyed, and is no sound. */
    @Test
    void afterAHeaderThatWasRefusedTheNextOneIsObeyed(Machines machines) throws Exception {
        Path out = directory.resolve("again.wav");
        byte[] song = wav(11_025, 8, 1, noise(500, 6));
        byte[] refused = wav(11_025, 24, 1, noise(500, 6));
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.ram(64 << 20).sound(null, out).driver(test));
        test.run(run, kernel -> {
            int file = kernel.files().open("/dev/dsp", Fcntl.O_WRONLY);
            long buffer = kernel.calls().kzalloc(1000, Gfp.GFP_KERNEL);
            kernel.base().memory().write(buffer, refused, 0, refused.length);
            check(kernel.files().write(file, buffer, refused.length) == -Errno.EINVAL, "24 bits");
            kernel.base().memory().write(buffer, song, 0, song.length);
            check(kernel.files().write(file, buffer, song.length) == song.length, "written");
            check(kernel.files().close(file) == 0, "closed");
            kernel.calls().kfree(buffer);
        });
        assertThat(run).hasNoViolations();
        run.close();
        assertThat(Files.readAllBytes(out)).isEqualTo(song);
    }

    /** A recording program that does not read loses the oldest sound; a signal ends a song. */
    @Test
    void whatIsNotReadIsLostAndASignalEndsASong(Machines machines) throws Exception {
        Path in = Files.write(directory.resolve("in.wav"), wav(8000, 8, 1, noise(200_000, 4)));
        Path out = directory.resolve("cut.wav");
        byte[] song = wav(8000, 8, 1, noise(200_000, 5));
        Path root = song(song);
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.ram(64 << 20).sound(in, out).root(root).driver(test));
        test.run(run, kernel -> {
            int file = kernel.files().open("/dev/dsp", Fcntl.O_RDONLY);
            long buffer = kernel.calls().kzalloc(100, Gfp.GFP_KERNEL);
            check(kernel.files().read(file, buffer, 100) == 100, "read");
            kernel.calls().msleep(10_000);
            check(kernel.files().read(file, buffer, 100) == 100 && kernel.files().close(file) == 0, "read again");
            kernel.calls().kfree(buffer);
        });
        run.type("cp /song.wav /dev/dsp &", "sleep 2", "kill 4", "wait", "dmesg");
        assertThat(run.out()).contains("sound: overruns: ");
        assertThat(run).hasNoViolations();
        run.close();
        byte[] played = Files.readAllBytes(out);
        assertThat(played.length).isBetween(HEADER + 12_000, HEADER + 24_000);
        assertThat(Arrays.copyOfRange(played, HEADER, played.length))
                .isEqualTo(Arrays.copyOfRange(song, HEADER, played.length));
    }
}
