/* Eq. (5) of Loerch et al. 2017 for one pair of oscillators, written by hand: the yardstick of test_langevin_benchmarks.py.
 *
 * The algorithm is that of langevin's scheme "exponential": 64 trajectories side by side with one xoshiro128++ each, Box and
 * Muller or two-point increments, damping, kick and coupling explicit, rotation exact, half a rotation around every sample;
 * sampled are e^{-ik phi} for k = 1 .. 8, |alpha|^2 and |alpha|^4. Whatever the engine keeps general is a constant here: two
 * oscillators, Eq. (5), one noise strength, no bounds. The polynomials are the engine's.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 64
#define HARMONICS 8
#define ROW __attribute__((aligned(64)))
#ifdef TWO_POINT
#define increments two_point
#else
#define increments gaussian
#endif

typedef struct {
    double omega[2], kerr, n_plus, n_minus, width, noise, coupling, dt;
} pair_t;

static inline uint32_t rotate(uint32_t x, int k) { return (x << k) | (x >> (32 - k)); }

static inline int32_t word(uint32_t s[4]) {
    uint32_t out = rotate(s[0] + s[3], 7) + s[0], t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11);
    return (int32_t)out;
}

static inline double logarithm(double u) {
    const int64_t root_half = 0x3FE6A09E667F3BCDLL, one = 0x3FF0000000000000LL, mantissa = 0x000FFFFFFFFFFFFFLL;
    int64_t bits;
    double t;
    memcpy(&bits, &u, 8);
    bits += one - root_half;
    int64_t scaled = (bits & mantissa) + root_half;
    memcpy(&t, &scaled, 8);
    t -= 1.0;
    double exponent = (double)(int32_t)((bits >> 52) - 1023), t2 = t * t, t4 = t2 * t2;
    double low = (0.9999999741310673 - t * 0.49999996382125034) + t2 * (0.33334193286135805 - t * 0.25001352185387055)
                 + t4 * ((0.19955933358259723 - t * 0.1657799289933655)
                         + t2 * (0.1497740128410834 - t * 0.142692581892745));
    return exponent * 0.6931471805599453 + t * (low + t4 * t4 * 0.08533313050098894);
}

/* Box and Muller */
static void gaussian(uint32_t s[4][LANES], double *z1, double *z2) {
    for (int i = 0; i < LANES; i++) {
        uint32_t state[4] = {s[0][i], s[1][i], s[2][i], s[3][i]};
        int32_t first = word(state), second = word(state);
        for (int k = 0; k < 4; k++) s[k][i] = state[k];
        double square = -2.0 * logarithm((double)first * 0x1p-32 + (0.5 + 0x1p-33));
        double radius = sqrt(square > 0.0 ? square : 0.0);
        double a = (double)(int32_t)((uint32_t)second << 2) * 0x1p-33, y = a * a, y2 = y * y;
        double sine = a * ((3.141592653576198 - y * 5.167712769173691)
                           + y2 * ((2.5501626471710384 - y * 0.5992020796257342) + y2 * 0.08100161746847961));
        double cosine = (0.9999999999524891 - y * 4.934802162532502)
                        + y2 * ((4.0587072584714035 - y * 1.3350444477645305) + y2 * 0.23132878301252963);
        radius = (int32_t)((uint32_t)second << 1) < 0 ? -radius : radius;
        z1[i] = (second < 0 ? sine : cosine) * radius;
        z2[i] = (second < 0 ? cosine : sine) * radius;
    }
}

static void two_point(uint32_t s[4][LANES], double *z1, double *z2) {
    for (int i = 0; i < LANES; i++) {
        uint32_t state[4] = {s[0][i], s[1][i], s[2][i], s[3][i]};
        int32_t first = word(state);
        for (int k = 0; k < 4; k++) s[k][i] = state[k];
        z1[i] = first < 0 ? -1.0 : 1.0;
        z2[i] = (int32_t)((uint32_t)first << 1) < 0 ? -1.0 : 1.0;
    }
}

static inline void turn(double angle, double *c, double *s) {
    double t = angle * 0.15915494309189535, r = t - rint(t), y = r * r, y2 = y * y;
    double sine = r * ((2.2214414690695703 - y * 0.9135311855767868)
                       + y2 * ((0.11270233130936937 - y * 0.006620310217677248) + y2 * 0.00022373747578971));
    double cosine = (1.9999999999049782 - y * 2.467401081266251)
                    + y2 * ((0.5073384073089254 - y * 0.04172013899264158) + y2 * 0.0018072561172853877);
    double twice = sine * cosine;
    cosine = 1.0 - sine * sine;
    *s = 1.4142135623730951 * twice * cosine;
    *c = 1.0 - twice * twice;
}

static inline double decay(double y) {
    y = y < 1.5 ? y : 1.5;
    return 1.0 - y * (1.0 - y * (0.5 - y * (1.0 / 6.0)));
}

static void half_rotation(const pair_t *p, double dt, double re[2][LANES], double im[2][LANES], double out_re[2][LANES],
                          double out_im[2][LANES]) {
    for (int j = 0; j < 2; j++)
        for (int i = 0; i < LANES; i++) {
            double a = re[j][i], b = im[j][i], c, s;
            turn(0.5 * dt * (p->omega[j] - 2.0 * p->kerr * (a * a + b * b)), &c, &s);
            out_re[j][i] = c * a + s * b;
            out_im[j][i] = c * b - s * a;
        }
}

static void step(const pair_t *p, uint32_t state[4][LANES], double re[2][LANES], double im[2][LANES],
                 double next_re[2][LANES], double next_im[2][LANES]) {
    double z1[LANES] ROW, z2[LANES] ROW, u[LANES] ROW, w[LANES] ROW;
    const double dt = p->dt, kick = sqrt(0.5 * p->noise * p->dt), v = p->coupling;
    for (int j = 0; j < 2; j++) {
        increments(state, z1, z2);
        for (int i = 0; i < LANES; i++) {
            double a = re[j][i], b = im[j][i], x = a * a + b * b;
            double up = x - p->n_plus, down = x - p->n_minus;
            up = up * up + p->width;
            down = down * down + p->width;
            double factor = decay(0.5 * dt * p->width * (up - down) / (up * down));
            /* -i V alpha_k */
            u[i] = factor * a + kick * z1[i] + dt * v * im[1 - j][i];
            w[i] = factor * b + kick * z2[i] - dt * v * re[1 - j][i];
        }
        /* a loop of its own, as in the engine: one long chain is a third slower */
        for (int i = 0; i < LANES; i++) {
            double a = u[i], b = w[i], c, s;
            turn(dt * (p->omega[j] - 2.0 * p->kerr * (a * a + b * b)), &c, &s);
            next_re[j][i] = c * a + s * b;
            next_im[j][i] = c * b - s * a;
        }
    }
}

static void sample(double re[2][LANES], double im[2][LANES], double harmonics[HARMONICS][2][LANES],
                   double numbers[2][2][LANES]) {
    for (int i = 0; i < LANES; i++) {
        double u = re[0][i] * re[1][i] + im[0][i] * im[1][i], v = re[0][i] * im[1][i] - im[0][i] * re[1][i];
        double norm = 1.0 / sqrt(u * u + v * v + 1e-290), x = 1.0, y = 0.0;
        u *= norm;
        v *= norm;
        for (int k = 0; k < HARMONICS; k++) {
            double next = x * u - y * v;
            y = x * v + y * u;
            x = next;
            harmonics[k][0][i] += x;
            harmonics[k][1][i] += y;
        }
    }
    for (int j = 0; j < 2; j++)
        for (int i = 0; i < LANES; i++) {
            double x = re[j][i] * re[j][i] + im[j][i] * im[j][i];
            numbers[j][0][i] += x;
            numbers[j][1][i] += x * x;
        }
}

/* alpha: [2 oscillators][2 parts][LANES], states: [4][LANES]; the sums are added to. */
void run_block(const pair_t *p, const double *alpha, const uint32_t *states, long steps, long samples,
               double harmonics[HARMONICS][2][LANES], double numbers[2][2][LANES]) {
    double re[2][2][LANES] ROW, im[2][2][LANES] ROW, seen_re[2][LANES] ROW, seen_im[2][LANES] ROW;
    uint32_t s[4][LANES] ROW;
    memcpy(s, states, sizeof s);
    for (int j = 0; j < 2; j++) {
        memcpy(seen_re[j], alpha + 2 * j * LANES, sizeof seen_re[j]);
        memcpy(seen_im[j], alpha + (2 * j + 1) * LANES, sizeof seen_im[j]);
    }
    int now = 0;
    half_rotation(p, p->dt, seen_re, seen_im, re[0], im[0]);
    for (long n = 0; n < samples; n++) {
        for (long k = 0; k < steps; k++, now ^= 1) step(p, s, re[now], im[now], re[now ^ 1], im[now ^ 1]);
        half_rotation(p, -p->dt, re[now], im[now], seen_re, seen_im);
        sample(seen_re, seen_im, harmonics, numbers);
    }
}
