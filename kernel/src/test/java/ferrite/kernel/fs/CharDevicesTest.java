package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Errno;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The list of character devices, read on one hart while it changes on another. */
@Timeout(60)
class CharDevicesTest {

    private KernelFixture fixture;

    @AfterEach
    void close() {
        fixture.close();
    }

    private CharDevices devices() {
        return fixture.kernel().files().devices();
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void openAndListWalkItWhileDevicesComeAndGo(Interleavings interleaving) {
        fixture = KernelFixture.options().harts(2).interleaving(interleaving, 3)
                .bootArguments("slub_debug=FZP").boot();
        fixture.run(List.of(Job.on(0, () -> {
            for (int i = 0; i < 300; i++) {
                check(devices().register("guest", 0, 0) == 0, "register");
                check(devices().register("guest", 0, 0) == -Errno.EEXIST, "a name that is taken");
                devices().unregister("guest");
            }
        }), Job.on(1, () -> {
            for (int i = 0; i < 300; i++) {
                check(fixture.kernel().files().open("/dev/none") == -Errno.ENOENT, "open");
                check(devices().names().size() <= 1, "names");
            }
        })));
        assertThat(fixture.takeViolations()).isEmpty();
    }
}
