package org.example.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.image.GuestProgram;
import ferrite.testkit.BootRun;
import ferrite.testkit.Machine;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bare program on the virt board: it greets, repeats what is typed, and ends at a q. */
@Machine(ram = "16M", harts = 1)
class FirmwareTest {

    private static final int[] PROGRAM = {
        0x0405_1863,        //         bnez  a0, park
        0x1000_0437,        //         lui   s0, 0x10000       the serial line
        0x0010_04b7,        //         lui   s1, 0x100         the test finisher
        0x0000_0597,        //         la    a1, text
        0x04c5_8593,
        0x0005_c603,        // greet:  lbu   a2, 0(a1)
        0x0015_8593,        //         addi  a1, a1, 1
        0x0006_0663,        //         beqz  a2, read
        0x00c4_0023,        //         sb    a2, 0(s0)
        0xff1f_f06f,        //         j     greet
        0x0054_4603,        // read:   lbu   a2, 5(s0)         its line status
        0x0016_7613,        //         andi  a2, a2, 1
        0xfe06_0ce3,        //         beqz  a2, read
        0x0004_4603,        //         lbu   a2, 0(s0)
        0x00c4_0023,        //         sb    a2, 0(s0)
        0x0710_0693,        //         li    a3, 'q'
        0xfed6_14e3,        //         bne   a2, a3, read
        0x0000_5637,        //         li    a2, 0x5555
        0x5556_0613,
        0x00c4_a023,        //         sw    a2, 0(s1)         success
        0x1050_0073,        // park:   wfi
        0xffdf_f06f,        //         j     park
        0x6461_6572,        // text:   .asciz "ready\n> "
        0x203e_0a79,
        0,
    };

    private GuestProgram program;

    @BeforeEach
    void writeTheImage(@TempDir Path directory) throws IOException {
        ByteBuffer image = ByteBuffer.allocate(4 * PROGRAM.length).order(ByteOrder.LITTLE_ENDIAN);
        image.asIntBuffer().put(PROGRAM);
        program = new GuestProgram(Files.write(directory.resolve("echo.bin"), image.array()), null, "");
    }

    @Test
    void theProgramGreetsRepeatsALineAndEnds(Machines machines) throws IOException {
        BootRun run = machines.boot(program, options -> options);
        assertThat(run.waitForLine("ready")).isEqualTo("ready");
        run.waitFor("> ").typeLine("hello");
        assertThat(run.waitForLine("hello")).isEqualTo("> hello");
        assertThat(run.type("q").waitForEnd()).isZero();
    }

    @Test
    void eachKeyIsTriedFromTheSamePrompt(Machines machines) throws IOException {
        BootRun run = machines.boot(program, options -> options).waitFor("> ");
        BootRun.Snapshot prompt = run.snapshot();
        for (String key : List.of("a", "b", "c")) {
            run.restore(prompt).type(key).waitFor(key);
        }
        assertThat(run.out()).isEqualTo("ready\n> abc");
        assertThat(run.restore(prompt).type("q").waitForEnd()).isZero();
    }

    @Test
    void theseTestsNeedNoneOfTheBoardsFrontEnds() {
        for (String name : List.of("io.netty.channel.Channel", "org.jline.reader.LineReader", "picocli.CommandLine")) {
            assertThatThrownBy(() -> Class.forName(name)).isInstanceOf(ClassNotFoundException.class);
        }
    }
}
