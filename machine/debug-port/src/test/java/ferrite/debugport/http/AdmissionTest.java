package ferrite.debugport.http;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.debugport.http.TestPages.HttpClient;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that a page of another site may have sent, and tokens. */
@Timeout(60)
class AdmissionTest {

    private static String ask(TestPages pages, String headers) throws IOException {
        try (HttpClient client = pages.client()) {
            return client.send("GET /api/v1/thread HTTP/1.1\r\n" + headers.replace("PORT",
                    "" + pages.port.address().getPort()) + "Connection: close\r\n\r\n").rest();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host: localhost:PORT\r\n", "Host: 127.0.0.1\r\n", "Host: LOCALHOST:1\r\n",
        "Host: [::1]:PORT\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT\r\nSec-Fetch-Site: same-origin\r\n",
        "Host: localhost:PORT\r\nSec-Fetch-Site: none\r\n"})
    void thePortsOwnNamesAreServed(String headers) throws IOException {
        try (TestPages pages = new TestPages(null)) {
            assertThat(ask(pages, headers)).startsWith("HTTP/1.1 200 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host: evil.example\r\n", "Host: evil.example:PORT\r\n", "Host: localhost.evil.example\r\n",
        "Host: 127.0.0.1.evil.example:PORT\r\n", "Host: evil.example#localhost\r\n", "Host: a@localhost\r\n",
        "Host: \r\n",
        "Host: 10.1.2.3:PORT\r\n", "Host: localhost:PORT\r\nOrigin: http://evil.example\r\n",
        "Host: localhost:PORT\r\nOrigin: null\r\n", "Host: localhost:PORT\r\nOrigin: http://localhost:1\r\n",
        "Host: localhost:PORT\r\nOrigin: http://127.0.0.1:PORT\r\n",
        "Host: localhost:PORT\r\nSec-Fetch-Site: cross-site\r\n",
        "Host: localhost:PORT\r\nSec-Fetch-Site: same-site\r\n",
        "Host: localhost:PORT\r\nOrigin: http://localhost:PORT\r\nOrigin: http://localhost:PORT\r\n"})
    void foreignHostsAndOriginsAreRefused(String headers) throws IOException {
        try (TestPages pages = new TestPages(null)) {
            assertThat(ask(pages, headers)).startsWith("HTTP/1.1 403 ").contains("{\"error\":\"")
                    .doesNotContain("turn");
        }
    }

    @Test
    void aPortWithATokenWantsItInEachRequest() throws IOException {
        try (TestPages pages = new TestPages("s3cret")) {
            String host = "Host: localhost\r\n";
            assertThat(ask(pages, host + "Authorization: Bearer s3cret\r\n")).startsWith("HTTP/1.1 200 ");
            assertThat(ask(pages, host + "authorization: bearer  s3cret\r\n")).startsWith("HTTP/1.1 200 ");
            for (String wrong : new String[] {"", "Authorization: Bearer s3creT\r\n", "Authorization: Basic s3cret\r\n",
                "Authorization: Bearer\r\n", "Authorization: Bearer s3cret2\r\n",
                "Authorization: Bearer s3cret\r\nAuthorization: Bearer s3cret\r\n"}) {
                assertThat(ask(pages, host + wrong)).startsWith("HTTP/1.1 401 ").contains("www-authenticate: Bearer")
                        .doesNotContain("turn");
            }
            try (HttpClient client = pages.client()) {
                assertThat(client.send("auth s3cret\necho hello\n").answerLine()).isEqualTo("hello");
            }
            try (HttpClient client = pages.client()) {
                assertThat(client.send("token s3creT\nGET / HTTP/1.1\r\n\r\n").rest()).startsWith("error: ");
            }
            assertThat(pages.monitored).containsExactly("hello");
        }
    }

    @Test
    void aTokensBytesMayBeAnyText() throws IOException {
        try (TestPages pages = new TestPages("zwölf")) {
            String utf8 = new String("zwölf".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                    java.nio.charset.StandardCharsets.ISO_8859_1);
            assertThat(ask(pages, "Host: localhost\r\nAuthorization: Bearer " + utf8 + "\r\n"))
                    .startsWith("HTTP/1.1 200 ");
        }
    }
}
