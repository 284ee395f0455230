package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.scenarios.HostileVirtio.Mischief;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The virtio drivers with a device that gives wrong answers: the drivers say so, and go on. */
@Machine(ram = "32M")
@Timeout(60)
class HostileVirtioTest {

    private static final String READ = "dd if=/dev/vda bs=1024 count=1 | sha256sum";
    /** The digest of 1024 letters A. */
    private static final String DIGEST = "6ab72eeb9e77b07540897e0c8d6d23ec8eef0f8c3a47e1b3f4e93443d9536bed  -\n";

    private static MachineRun boot(Machines machines, Mischief mischief, int wrongAnswers) throws Exception {
        return machines.boot(options -> options.device(new HostileVirtio(mischief, wrongAnswers)));
    }

    /** The request is made once more after a reset, and then the answer is right. */
    @ParameterizedTest
    @CsvSource({"ID_OUT_OF_RANGE, virtqueue 0: id 1000 out of range", "NEGATIVE_ID, id 4294967295 out of range",
        "NOT_A_HEAD, id 1 is not a head", "TOO_LONG, used len 16386 is larger than in buflen 16385",
        "NEGATIVE_LENGTH, used len 4294967291 is larger", "SHORT, answered with 16384 bytes of 16385",
        "SILENT, vda: the device was reset", "LOST_INTERRUPT, vda: an interrupt was lost",
        "MANY, is not a head", "TWICE, is not a head"})
    void aWrongAnswerIsNamedAndTheReadGoesOn(Mischief mischief, String message, Machines machines) throws Exception {
        MachineRun run = boot(machines, mischief, 1);
        run.type(READ, READ);
        assertThat(run.out()).isEqualTo(DIGEST + DIGEST);
        assertThat(run.forgetOutput().type("dmesg").out()).contains(message);
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    /** A device that never stops to do so fails the reads, and nothing else. */
    @ParameterizedTest
    @CsvSource({"ID_OUT_OF_RANGE", "SILENT", "NO_STATUS", "TOO_LONG"})
    void aDeviceThatIsAlwaysWrongFailsTheReads(Mischief mischief, Machines machines) throws Exception {
        MachineRun run = boot(machines, mischief, 1000);
        run.type("cat /dev/vda", "cat /dev/vda &", "cat /dev/vda &", "wait");
        assertThat(run.err().split("Input/output error", -1)).hasSize(4);
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @Test
    void anInterruptWithoutAnAnswerChangesNothing(Machines machines) throws Exception {
        MachineRun run = boot(machines, Mischief.SPURIOUS, 5);
        run.type(READ, READ);
        assertThat(run.out()).isEqualTo(DIGEST + DIGEST);
        assertThat(run).hasNoViolations();
    }

    @Test
    void aDeviceThatWritesPastABufferIsReported(Machines machines) throws Exception {
        MachineRun run = boot(machines, Mischief.STRAY, 1);
        run.type(READ);
        assertThat(run).hasViolation("dma-stray-access");
    }

    @ParameterizedTest
    @CsvSource({"LEGACY, this is no virtio device of version 2", "REFUSES_FEATURES, probe failed: No such device",
        "ODD_QUEUE, probe failed: No such file or directory", "TINY_QUEUE, probe failed: Invalid argument"})
    void aDeviceThatDoesNotAgreeIsNotServed(Mischief mischief, String message, Machines machines) throws Exception {
        MachineRun run = boot(machines, mischief, 1);
        run.type("dmesg", "cat /dev/vda");
        assertThat(run.out()).contains(message);
        assertThat(run.err()).contains("/dev/vda: No such file or directory");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @Test
    void aQueueOfManyDescriptorsIsUsedInPart(Machines machines) throws Exception {
        MachineRun run = boot(machines, Mischief.HUGE_QUEUE, 0);
        run.type(READ);
        assertThat(run.out()).isEqualTo(DIGEST);
    }
}
