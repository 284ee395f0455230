package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which code a standstill names, by the Java frames. */
class StandstillTest {

    private static final StackTraceElement HOST = jdk("java.io.FileOutputStream", "writeBytes");
    private static final StackTraceElement OUTPUT = ours("ferrite.board.session.Session");
    private static final StackTraceElement KERNEL = ours("ferrite.kernel.driver.KernelDoor");
    private static final StackTraceElement BUILT_IN = ours("ferrite.peripherals.disk.DiskDriver");
    private static final StackTraceElement DRIVER = new StackTraceElement("my.jar", null, null, "ferrite.mine.Driver",
            "read", "Driver.java", 12);
    private static final StackTraceElement LIBRARY = ours("io.netty.channel.Channel");
    private static final StackTraceElement EXIT = jdk("java.lang.Runtime", "exit");

    private static StackTraceElement jdk(String type, String method) {
        return new StackTraceElement(null, "java.base", "17", type, method, null, -2);
    }

    private static StackTraceElement ours(String type) {
        return new StackTraceElement("app", null, null, type, "call", "Ours.java", 1);
    }

    private static StackTraceElement[] stack(StackTraceElement... frames) {
        return frames;
    }

    @Test
    void aDriverThatLoopsOrWaitsKeepsTheTurn() {
        for (StackTraceElement[] stack : List.of(stack(DRIVER, KERNEL), stack(HOST, DRIVER, KERNEL),
                stack(KERNEL, DRIVER, KERNEL))) {
            assertThat(Standstill.isOurWait(stack)).isFalse();
            assertThat(Standstill.culprit(stack)).isEqualTo(DRIVER);
        }
    }

    @Test
    void ourOwnCodeIsLeftAloneWhileItWaitsForTheHost() {
        for (StackTraceElement[] stack : List.of(stack(HOST, OUTPUT, KERNEL, DRIVER), stack(HOST, BUILT_IN, KERNEL),
                stack(HOST, LIBRARY, OUTPUT, KERNEL, DRIVER), stack(KERNEL, BUILT_IN), stack(HOST), stack())) {
            assertThat(Standstill.isOurWait(stack)).isTrue();
        }
    }

    @Test
    void theFramesBeginAtTheExitAndEndAtTheKernel() {
        Thread thread = new Thread(() -> { }, "helper") {
            @Override
            public StackTraceElement[] getStackTrace() {
                return stack(HOST, EXIT, DRIVER, KERNEL);
            }
        };
        Standstill exit = Standstill.of(thread, "System.exit was called", "do not");
        assertThat(exit).hasMessage("System.exit was called in ferrite.mine.Driver.read (Driver.java:12) of my.jar, in "
                + "the host thread 'helper': do not");
        assertThat(exit.frames()).containsExactly("  at java.lang.Runtime.exit (?)",
                "  at ferrite.mine.Driver.read (Driver.java:12) of my.jar");
    }
}
